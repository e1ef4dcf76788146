//! What fields of a record are called in any of Microsoft's shapes.

/// A field of a record; a CSV's header is turned into these once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The record's id.
    Id,
    /// When it happened.
    ActivityTime,
    /// When it was logged.
    LogTime,
    /// The activity's name.
    Activity,
    /// The operation's name.
    Operation,
    /// The log's category.
    Category,
    /// The journey.
    Correlation,
    /// How it ended.
    Result,
    /// Why it ended so, in the portal's and Graph's word for it.
    ResultReason,
    /// Why it ended so, in Log Analytics' word for it.
    ResultDescription,
    /// Which service logged it.
    Service,
    /// The tenant's id.
    Tenant,
    /// Keys and values.
    Details,
    /// Whom it is about.
    Target,
    /// Who began it.
    Initiator,
    /// The record inside an envelope.
    Properties,
    /// A field that only sign-in records have.
    SignIn,
    /// A field that only Microsoft 365's unified audit log has.
    Unified,
    /// When somebody signed in.
    CreatedTime,
    /// Who signed in: the id.
    UserId,
    /// Who signed in: the name.
    UserName,
    /// The address somebody signed in from.
    Ip,
    /// The browser.
    UserAgent,
    /// The application.
    App,
    /// What became of the second factor.
    MfaResult,
    /// How the second factor was asked for.
    MfaMethod,
    /// The masked number it was asked at.
    MfaNumber,
    /// How the sign-in ended.
    Status,
    /// The steps of the sign-in.
    Steps,
    /// The second factor.
    Mfa,
    /// In the portal's CSV: whom it is about, the id.
    TargetId,
    /// The same, the name.
    TargetName,
    /// In the portal's CSV: who began it, the id.
    ActorId,
    /// The same, the name.
    ActorName,
    /// The same, the address.
    ActorIp,
    /// In the portal's CSV: a detail's key; its value stands in the column behind.
    DetailKey,
    /// A detail's value.
    DetailValue,
}

impl Field {
    /// The field that a name stands for in any of the shapes, whatever its case. The portal adds
    /// ` [UTC]` to the names of times.
    pub fn named(name: &str) -> Option<Self> {
        // Folded on the stack, as this is done for every key of every record; no known name is
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

    /// The field that a column of a CSV stands for: in Log Analytics' as in its JSON, and in those
    /// that the portal downloads of the audit log and of the sign-ins, whose names are words.
    pub fn of_column(name: &str) -> Option<Self> {
        // Spreadsheets make blanks of another kind of some, and files that were put beside each
        // other leave a mark in the middle.
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

    /// Whether a table has many columns of it, each of which counts.
    pub fn is_repeated(self) -> bool {
        matches!(self, Self::DetailKey | Self::DetailValue)
    }

    /// Whether no event of our own could have it.
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

    /// Whether only records of the sign-in log have it.
    pub fn is_of_sign_in(self) -> bool {
        matches!(self, Self::SignIn | Self::CreatedTime | Self::Steps | Self::Mfa | Self::MfaResult)
    }
}
