"""Owns roster copies, runs, plans, pairs and waiting.
Consumes rounds and located-participants.
Produces pairings and receipts.
"""
