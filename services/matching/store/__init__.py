"""All SQL of matching; every function takes the connection first."""
