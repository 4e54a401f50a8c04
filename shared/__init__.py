"""What all services share: the contract, the plumbing and the pages."""
