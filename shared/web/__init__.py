"""What the pages of several services share: languages, catalogues, rendering, base templates."""
