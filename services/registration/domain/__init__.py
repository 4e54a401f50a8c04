"""Plain data and pure rules of signing up; standard library only."""
