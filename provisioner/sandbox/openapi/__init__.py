"""The OpenAPI documents of both surfaces, and the page that shows them."""
