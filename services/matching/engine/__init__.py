"""The matching engine: people, rules and wishes in, a proved plan with its reasons out.

Imports the standard library, numpy and OR-Tools only, and is run in a process of its own.
"""
