-- Every successful record that handed out credentials or began a session, its caller and what
-- was handed out: the calls of semantics.md 2, and any other call with an access key in its
-- response. Failed calls issue nothing. Placeholder keys and keys that "issue themselves" are
-- blanked: they never link. Without a logged expiration the credentials are taken to last as
-- long as was asked for, else as long as any can: 36 hours (semantics.md 4).
-- `key_may_differ`: the key handed out need not be the one used (SAML and the console, which
-- calls from no address, make keys of their own: semantics.md 2.1, F1); of any other call it is.
-- GetRoleCredentials of Identity Center is no issuer here: nothing ties it to the session that it
-- led to, and two people may open one permission set in one second (row 10).
-- grain: one row per issuing CloudTrail record
-- reads: events
with calls as (
    select
        *,
        case
            when event_source = 'sts.amazonaws.com' and event_name like 'AssumeRole%' then 'role'
            when event_source = 'sts.amazonaws.com' and event_name = 'AssumeRoot' then 'root'
            when
                event_source = 'sts.amazonaws.com' and event_name = 'GetSessionToken'
                then 'session-token'
            when
                event_source = 'sts.amazonaws.com' and event_name = 'GetFederationToken'
                then 'federation'
            when
                event_source = 'signin.amazonaws.com' and event_name = 'ConsoleLogin'
                then 'console-login'
            when
                event_source = 'signin.amazonaws.com' and event_name = 'SwitchRole'
                then 'switch-role'
            when
                event_source = 'signin.amazonaws.com' and event_name = 'GetSigninToken'
                then 'signin-token'
            when
                event_source = 'signin.amazonaws.com' and event_name = 'CreateOAuth2Token'
                then 'oauth-token'
            when
                event_source = 'rolesanywhere.amazonaws.com' and event_name = 'CreateSession'
                then 'certificate'
            when
                issued_access_key_id is not null
                and not starts_with(event_name, 'List')
                and not starts_with(event_name, 'Describe')
                then 'other'
        end as issue_kind,
        coalesce(
            [
                r ->> '$.ARN'
                for r in try_cast(resources as json[])
                if (r ->> '$.type') = 'AWS::IAM::Role'
            ][1],
            request_parameters ->> '$.roleArn'
        ) as role_arn,
        additional_event_data ->> '$.SwitchFrom' as switch_from,
        coalesce(
            response_elements ->> '$.credentials.expiration',
            response_elements ->> '$.credentialSet[0].credentials.expiration'
        ) as expiration
    from events
    where
        error_code is null
        and error_message is null
        and (
            event_source in (
                'sts.amazonaws.com',
                'signin.amazonaws.com',
                'rolesanywhere.amazonaws.com'
            )
            or issued_access_key_id is not null
        )
)

select
    event_id,
    recipient_account_id,
    event_time as issued_at,
    event_source,
    event_name,
    issue_kind,
    coalesce(shared_event_id, request_id || '@' || event_time, event_id) as call_id,
    shared_event_id,
    request_id,
    case
        when issue_kind = 'signin-token' then null
        when issued_access_key_id = user_access_key_id then null
        when issued_access_key_id like '%EXAMPLE%' then null
        when not regexp_full_match(issued_access_key_id, '(ASIA|AKIA)[A-Z0-9]{12,}') then null
        when len(list_distinct(string_split(substr(issued_access_key_id, 5), ''))) = 1 then null
        else issued_access_key_id
    end as access_key_id,
    case issue_kind
        when 'role' then response_elements ->> '$.assumedRoleUser.assumedRoleId'
        when 'root'
            then regexp_extract(request_parameters ->> '$.targetPrincipal', '\d{12}')
        when 'federation' then response_elements ->> '$.federatedUser.federatedUserId'
        when 'certificate'
            then response_elements ->> '$.credentialSet[0].assumedRoleUser.assumedRoleId'
        when 'other' then null
        else coalesce(user_principal_id, user_arn)
    end as principal_id,
    role_arn,
    request_parameters ->> '$.roleSessionName' as session_name,
    coalesce(
        response_elements ->> '$.assumedRoleUser.arn',
        regexp_replace(
            role_arn, '^(arn:[^:]*):iam::(\d+):role/(.*/)?([^/]+)$', '\1:sts::\2:assumed-role/\4/'
        ) || session_name
    ) as session_arn,
    issue_kind not in ('role', 'federation')
    or event_name = 'AssumeRoleWithSAML'
    or user_type = 'AWSService'
    or user_invoked_by is not null
    or not regexp_full_match(coalesce(source_ip_address, ''), '[0-9A-Fa-f.:]*')
        as key_may_differ,
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
    coalesce(
        additional_event_data ->> '$.signInSessionArn', session_sign_in_session_arn
    ) as sign_in_session_arn,
    coalesce(
        request_parameters ->> '$.tags', request_parameters ->> '$.principalTags'
    ) as session_tags,
    request_parameters ->> '$.transitiveTagKeys' as transitive_tag_keys,
    request_parameters ->> '$.incomingTransitiveTags' as incoming_tags,
    case
        when switch_from like 'arn:%:iam::%:user/%' then 'IAMUser'
        when switch_from is not null then 'AssumedRole'
        else user_type
    end as caller_type,
    if(issue_kind = 'switch-role', null, coalesce(user_principal_id, user_arn))
        as caller_principal_id,
    if(issue_kind = 'switch-role', null, session_creation_date) as caller_creation_date,
    if(issue_kind = 'switch-role', null, user_access_key_id) as caller_access_key_id,
    if(issue_kind = 'switch-role', switch_from, user_arn) as caller_arn,
    if(issue_kind = 'switch-role', split_part(switch_from, ':', 5), user_account_id)
        as caller_account_id,
    if(issue_kind = 'switch-role', split_part(switch_from, '/', -1), user_name)
        as caller_user_name,
    user_invoked_by as caller_invoked_by,
    user_identity_provider as caller_identity_provider,
    user_on_behalf_of_user_id as caller_on_behalf_of_user_id,
    user_on_behalf_of_identity_store_arn as caller_on_behalf_of_identity_store_arn,
    case
        when (request_parameters ->> '$.serialNumber') is not null then true
        when lower(additional_event_data ->> '$.MFAUsed') in ('yes', 'no')
            then lower(additional_event_data ->> '$.MFAUsed') = 'yes'
        when session_mfa_authenticated is not null and user_type in ('IAMUser', 'Root')
            then session_mfa_authenticated
        when user_access_key_id like 'AKIA%' then false
    end as caller_mfa
from calls
where
    issue_kind is not null
    and (
        issue_kind not in ('role', 'session-token', 'federation', 'root')
        or response_elements is not null
    )
    and (issue_kind <> 'switch-role' or switch_from is not null)
    and (
        issue_kind not in ('console-login', 'switch-role')
        or coalesce(response_elements ->> ('$.' || event_name), 'Success') <> 'Failure'
    )
