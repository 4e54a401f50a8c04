"""The programme's motto, one invitation in seventeen languages: it greets whoever opens the first page."""

MOTTOS: tuple[tuple[str, str], ...] = (
    ("de", "Willkommen! Lernen wir uns kennen."),
    ("en", "Welcome! Let us get to know each other."),
    ("ar", "أهلًا وسهلًا! هيّا نتعارف."),
    ("fa", "خوش آمدید! بیایید با هم آشنا شویم."),
    ("fa-AF", "خوش آمدید! بیایید یکدیگر را بشناسیم."),
    ("ps", "ښه راغلاست! راځئ چې یو بل سره وپېژنو."),
    ("ur", "خوش آمدید! آئیے ایک دوسرے کو جانیں۔"),
    ("ckb", "بەخێربێن! با یەکتر بناسین."),
    ("ku", "Bi xêr hatin! Ka em hev nas bikin."),
    ("tr", "Hoş geldiniz! Tanışalım."),
    ("uk", "Ласкаво просимо! Познайомимося."),
    ("ru", "Добро пожаловать! Давайте познакомимся."),
    ("ti", "እንቋዕ ብደሓን መጻእኩም! ንፋለጥ።"),
    ("am", "እንኳን ደህና መጣችሁ! እንተዋወቅ።"),
    ("so", "Soo dhawoow! Aan is baranno."),
    ("sw", "Karibu! Tujuane."),
    ("fr", "Bienvenue ! Faisons connaissance."),
)
