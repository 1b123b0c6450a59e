-- Changed keys: the disclosures that an incremental build replaces. Empty in a full refresh.
{{ replaced_events('disclosures') }}
