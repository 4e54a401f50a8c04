"""Owns places, coordinates and open questions about them.
Consumes participants.
Produces located-participants and receipts.
"""
