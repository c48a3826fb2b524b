-- Every successful record that handed out credentials, its caller and what was handed out.
-- Failed calls issue nothing. Placeholder keys and keys that "issue themselves" are blanked:
-- they never link (semantics.md 2, 3.2). Without a logged expiration the credentials are taken
-- to last as long as was asked for, else as long as any can: 36 hours (semantics.md 4).
-- grain: one row per issuing CloudTrail record
-- reads: events
with calls as (
    select
        *,
        coalesce(
            [
                r ->> '$.ARN'
                for r in try_cast(resources as json[])
                if (r ->> '$.type') = 'AWS::IAM::Role'
            ][1],
            request_parameters ->> '$.roleArn'
        ) as role_arn,
        response_elements ->> '$.credentials.expiration' as expiration
    from events
    where
        event_source = 'sts.amazonaws.com'
        and event_name in (
            'AssumeRole',
            'AssumeRoleWithSAML',
            'AssumeRoleWithWebIdentity',
            'GetSessionToken',
            'GetFederationToken'
        )
        and error_code is null
        and response_elements is not null
)

select
    event_id,
    recipient_account_id,
    event_time as issued_at,
    event_source,
    event_name,
    shared_event_id,
    request_id,
    case
        when issued_access_key_id = user_access_key_id then null
        when issued_access_key_id like '%EXAMPLE%' then null
        when not regexp_full_match(issued_access_key_id, '(ASIA|AKIA)[A-Z0-9]{12,}') then null
        else issued_access_key_id
    end as access_key_id,
    case event_name
        when 'GetSessionToken' then user_principal_id
        when 'GetFederationToken' then response_elements ->> '$.federatedUser.federatedUserId'
        else response_elements ->> '$.assumedRoleUser.assumedRoleId'
    end as principal_id,
    role_arn,
    request_parameters ->> '$.roleSessionName' as session_name,
    coalesce(
        response_elements ->> '$.sourceIdentity', request_parameters ->> '$.sourceIdentity'
    ) as source_identity,
    coalesce(
        try_strptime(
            replace(expiration, chr(8239), ' '),
            ['%b %d, %Y, %I:%M:%S %p', '%b %d, %Y %I:%M:%S %p']
        ) at time zone 'UTC',
        try_cast(expiration as timestamptz),
        event_time
        + to_seconds(try_cast(request_parameters ->> '$.durationSeconds' as integer)),
        event_time + interval 36 hours
    ) as expires_at,
    user_type as caller_type,
    coalesce(user_principal_id, user_arn) as caller_principal_id,
    session_creation_date as caller_creation_date,
    user_access_key_id as caller_access_key_id,
    user_arn as caller_arn,
    user_account_id as caller_account_id,
    user_name as caller_user_name,
    user_invoked_by as caller_invoked_by,
    user_identity_provider as caller_identity_provider
from calls
