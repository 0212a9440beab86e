"""Which live object each entry of the files stands for."""
