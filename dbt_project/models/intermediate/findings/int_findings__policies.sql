-- Findings of versions of the policy. A change of unknown materiality counts as material.
{{ findings_of(
    ref('fct_policy_versions'),
    "'policies/' || namespace || '/' || policy_version",
    [
        {'code': 'change_announced_late', 'where': "coalesce(material, true) and effective_at is not null and coalesce(coverage_before_effective < 1, audience_size is null)",
         'detail': ['effective_at', 'audience_size', 'notified_count', 'notified_before_effective_count'],
         'event': {'kinds': ['effective'], 'at': 'effective_at'}},
        {'code': 'policy_date_mismatch', 'where': 'not last_updated_matches', 'detail': ['last_updated_shown', 'published_date'],
         'event': {'kinds': ['published'], 'at': 'published_at'}},
        {'code': 'printed_date_missing', 'where': 'last_updated_matches is null and published_at is not null', 'detail': ['published_date'],
         'event': {'kinds': ['published'], 'at': 'published_at'}},
    ],
    occurred_at='published_at',
    life='policy_version',
    places={'source': 'source'},
    subject_key='null::varchar',
) }}
