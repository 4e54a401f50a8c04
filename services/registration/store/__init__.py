"""All SQL of registration; every function takes the connection first."""
