"""The scorecard, and charts as SVG."""
