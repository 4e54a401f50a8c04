"""Business metrics of geo."""

from prometheus_client import Counter

LOCATED = Counter("mybuddy_people_located_total", "People whose place was looked up, by what was found.", ["result"])
SEARCHES = Counter("mybuddy_place_searches_total", "Places looked up while somebody types, by what was found.", ["result"])
