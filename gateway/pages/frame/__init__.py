"""What every page shares: routes, the view, language, assets, tables, and the parts that templates are made of."""
