"""The contract: topics, envelope and events. Imports pydantic only."""
