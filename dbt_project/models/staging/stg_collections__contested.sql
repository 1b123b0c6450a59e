-- The `collections` events of which another version landed since the previous build.
{{ newly_contested_events('collections') }}
