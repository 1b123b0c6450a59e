-- Changed keys: the acts of processing that an incremental build replaces. Empty in a full refresh.
{{ replaced_events('processing') }}
