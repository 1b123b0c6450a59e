-- Changed keys: the collections that an incremental build replaces. Empty in a full refresh.
{{ replaced_events('collections') }}
