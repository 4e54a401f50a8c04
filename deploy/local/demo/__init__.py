"""`make demo`: a whole round, driven through the front door only, as people and coordinators would."""
