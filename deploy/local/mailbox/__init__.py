"""A mail server that keeps what it is sent: SMTP in, pages and JSON out, and faults on request."""
