"""The hobbies people can tick, each with a picture; the names stand in the shared catalogue as `hobby.<code>`."""

PICTURES: dict[str, str] = {
    "cooking": "🍲",
    "football": "⚽",
    "walking": "🚶",
    "cycling": "🚲",
    "music": "🎵",
    "reading": "📖",
    "games": "🎲",
    "gardening": "🌱",
    "sewing": "🧵",
    "swimming": "🏊",
    "fitness": "💪",
    "photography": "📷",
    "art": "🎨",
    "film": "🎬",
    "children": "🧒",
    "animals": "🐾",
    "dancing": "💃",
    "chess": "♟️",
    "computers": "💻",
    "languages": "💬",
    "volunteering": "🤝",
    "hiking": "⛰️",
    "crafts": "🔨",
    "baking": "🍞",
}

HOBBIES: tuple[str, ...] = tuple(PICTURES)
