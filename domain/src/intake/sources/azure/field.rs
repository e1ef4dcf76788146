//! Names of record fields in all of Microsoft's shapes.

/// A record field; a CSV header is mapped to these once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The record's unique id.
    Id,
    /// When the activity happened.
    ActivityTime,
    /// When it was logged.
    LogTime,
    /// The activity's display name.
    Activity,
    /// The operation's name, in diagnostic logs.
    Operation,
    /// The log's category.
    Category,
    /// The correlation id: our journey.
    Correlation,
    /// Success or failure.
    Result,
    /// The reason, in the portal and Graph.
    ResultReason,
    /// The reason, in Log Analytics.
    ResultDescription,
    /// The service that logged it.
    Service,
    /// The tenant's id.
    Tenant,
    /// Additional details, as keys and values.
    Details,
    /// The affected users.
    Target,
    /// The user or app that acted.
    Initiator,
    /// The record inside a diagnostic envelope.
    Properties,
    /// Any field that only sign-in records have.
    SignIn,
    /// Any field that only Microsoft 365's unified audit log has.
    Unified,
    /// When the sign-in happened.
    CreatedTime,
    /// The id of the user who signed in.
    UserId,
    /// The name of the user who signed in.
    UserName,
    /// The client address of the sign-in.
    Ip,
    /// The browser.
    UserAgent,
    /// The application's id or name.
    App,
    /// The result of the second factor.
    MfaResult,
    /// The method of the second factor.
    MfaMethod,
    /// The masked number of the second factor.
    MfaNumber,
    /// How the sign-in ended.
    Status,
    /// The steps of the sign-in.
    Steps,
    /// Details of the second factor.
    Mfa,
    /// The portal's CSV: the affected user's id.
    TargetId,
    /// The portal's CSV: the affected user's name.
    TargetName,
    /// The portal's CSV: the actor's id.
    ActorId,
    /// The portal's CSV: the actor's name.
    ActorName,
    /// The portal's CSV: the actor's address.
    ActorIp,
    /// The portal's CSV: a detail's key; its value is in the next column.
    DetailKey,
    /// The portal's CSV: a detail's value.
    DetailValue,
}

impl Field {
    /// The field of a JSON name in any shape, ignoring case. The portal appends ` [UTC]` to the
    /// names of times.
    pub fn named(name: &str) -> Option<Self> {
        // Folded on the stack, since this runs for every key of every record; no known name is
        // longer.
        let mut folded = [0; 40];
        let folded = folded.get_mut(..name.len())?;
        folded.copy_from_slice(name.as_bytes());
        folded.make_ascii_lowercase();
        let name = std::str::from_utf8(folded).ok()?.trim();
        let name = name.strip_suffix("[utc]").map_or(name, str::trim_end);
        Some(match name {
            "id" => Self::Id,
            "activitydatetime" => Self::ActivityTime,
            "time" | "timegenerated" => Self::LogTime,
            "activitydisplayname" => Self::Activity,
            "operationname" => Self::Operation,
            "category" => Self::Category,
            "correlationid" => Self::Correlation,
            "result" => Self::Result,
            "resultreason" => Self::ResultReason,
            "resultdescription" => Self::ResultDescription,
            "loggedbyservice" => Self::Service,
            "aadtenantid" => Self::Tenant,
            "additionaldetails" => Self::Details,
            "targetresources" => Self::Target,
            "initiatedby" => Self::Initiator,
            "properties" => Self::Properties,
            "conditionalaccessstatus" => Self::SignIn,
            "workload" => Self::Unified,
            "createddatetime" => Self::CreatedTime,
            "authenticationdetails" => Self::Steps,
            "mfadetail" => Self::Mfa,
            "status" => Self::Status,
            "userid" => Self::UserId,
            "userprincipalname" => Self::UserName,
            "ipaddress" | "calleripaddress" => Self::Ip,
            "useragent" => Self::UserAgent,
            "appid" => Self::App,
            _ => return None,
        })
    }

    /// The field of a CSV column: Log Analytics uses its JSON names, the portal's audit log and
    /// sign-in downloads use words.
    pub fn of_column(name: &str) -> Option<Self> {
        // Spreadsheets replace some spaces with other kinds, and concatenated files leave a
        // byte-order mark inside.
        let plain = |letter: char| match letter {
            '\u{feff}' => ' ',
            letter if letter.is_whitespace() => ' ',
            letter => letter.to_ascii_lowercase(),
        };
        let folded: String = name.chars().map(plain).collect();
        Some(match folded.trim() {
            "date (utc)" => Self::ActivityTime,
            "service" => Self::Service,
            "activity" => Self::Activity,
            "target1objectid" => Self::TargetId,
            "target1userprincipalname" => Self::TargetName,
            "actorobjectid" => Self::ActorId,
            "actoruserprincipalname" => Self::ActorName,
            "ipaddress" => Self::ActorIp,
            "request id" => Self::Id,
            "correlation id" => Self::Correlation,
            "user id" => Self::UserId,
            "username" => Self::UserName,
            "ip address" => Self::Ip,
            "user agent" => Self::UserAgent,
            "application id" => Self::App,
            "multifactor authentication result" | "mfa result" => Self::MfaResult,
            "multifactor authentication auth method" | "mfa auth method" => Self::MfaMethod,
            "multifactor authentication auth detail" | "mfa auth detail" => Self::MfaNumber,
            detail if detail.starts_with("additionaldetail") && detail.ends_with("key") => {
                Self::DetailKey
            }
            detail if detail.starts_with("additionaldetail") && detail.ends_with("value") => {
                Self::DetailValue
            }
            name => return Self::named(name),
        })
    }

    /// Whether a table may have several such columns, all of which count.
    pub fn is_repeated(self) -> bool {
        matches!(self, Self::DetailKey | Self::DetailValue)
    }

    pub(crate) fn is_microsofts(self) -> bool {
        matches!(
            self,
            Self::ActivityTime
                | Self::Activity
                | Self::Operation
                | Self::Correlation
                | Self::ResultReason
                | Self::ResultDescription
                | Self::Service
                | Self::Tenant
                | Self::Details
                | Self::Target
                | Self::Initiator
                | Self::Properties
                | Self::SignIn
                | Self::Unified
                | Self::CreatedTime
                | Self::Steps
                | Self::Mfa
        )
    }

    /// Whether only sign-in records have it.
    pub fn is_of_sign_in(self) -> bool {
        matches!(self, Self::SignIn | Self::CreatedTime | Self::Steps | Self::Mfa | Self::MfaResult)
    }
}
