-- New ways in that somebody made: keys and passwords for other users, service credentials,
-- identity providers, trust anchors.
-- grain: one row per call
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: medium
-- technique: T1098.001
-- blind spots: A user who makes a key for himself is left out: rotation looks so, and so does a
-- thief of his key. New users and new trust are other questions (`trust_change_used`). Identity
-- Center's own assignments are not looked at.
-- reads: attributed_events
with made as (
    select
        *,
        coalesce(
            request_parameters ->> '$.userName',
            request_parameters ->> '$.name',
            request_parameters ->> '$.url'
        ) as for_whom
    from attributed_events
    where
        (
            (
                event_source = 'iam.amazonaws.com'
                and event_name in (
                    'CreateAccessKey',
                    'CreateLoginProfile',
                    'UpdateLoginProfile',
                    'CreateServiceSpecificCredential',
                    'ResetServiceSpecificCredential',
                    'UploadSSHPublicKey',
                    'UploadSigningCertificate',
                    'CreateSAMLProvider',
                    'UpdateSAMLProvider',
                    'CreateOpenIDConnectProvider',
                    'UpdateOpenIDConnectProviderThumbprint'
                )
            )
            or (
                event_source = 'rolesanywhere.amazonaws.com'
                and event_name in ('CreateTrustAnchor', 'UpdateTrustAnchor', 'CreateProfile')
            )
            or (event_source = 'lightsail.amazonaws.com' and event_name = 'CreateBucketAccessKey')
        )
        and error_code is null
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
)

select
    actor_kind,
    actor_account,
    actor_name,
    actor_arn,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    evidence,
    event_name,
    for_whom,
    issued_access_key_id as made_key,
    event_time as first_time,
    event_time as last_time,
    recipient_account_id as account_id,
    source_ip_address as source_address,
    session_id,
    event_id
from made
where
    actor_kind not in ('iam-user', 'root')
    or event_name not like '%AccessKey'
    or coalesce(for_whom, actor_name) <> actor_name
order by first_time, event_id
