"""The map: German postcodes and places with their centres, read from packages and our own lists, kept in PostgreSQL.

Owns: the tables of migration 20211001000001. A place is named by an id that never holds what somebody typed.
"""
