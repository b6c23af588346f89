"""The draft of a reply that asks a customer for what his RFQ does not say. Nothing here sends anything."""
