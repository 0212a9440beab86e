"""What is refused or warned about before the first write: rules of the account, and guards."""
