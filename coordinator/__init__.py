"""The coordinators' command until they have pages: rounds, open questions, plans, counts, behind a signed token."""
