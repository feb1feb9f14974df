package fault

// The reasons: stable words that clients translate by. A new one is added here and to the text
// files of the admin and the widgets.
const (
	Required         = "REQUIRED"           // a value must be given
	MustBeTicked     = "MUST_BE_TICKED"     // a required checkbox acknowledges (T-44)
	TooLong          = "TOO_LONG"           // more characters or items than allowed
	TooShort         = "TOO_SHORT"          // fewer than allowed
	InvalidValue     = "INVALID"            // of the right type, but not a possible value
	InvalidText      = "INVALID_TEXT"       // not UTF-8, or with a NUL
	InvalidEmail     = "INVALID_EMAIL"      // not an e-mail address
	InvalidPhone     = "INVALID_PHONE"      // not a phone number of the country
	InvalidDate      = "INVALID_DATE"       // not a day, or out of reach
	InvalidNumber    = "INVALID_NUMBER"     // not a number, or with more digits than are kept
	InvalidColor     = "INVALID_COLOR"      // not #rrggbb
	LowContrast      = "LOW_CONTRAST"       // below 4.5:1
	InvalidOrigin    = "INVALID_ORIGIN"     // not scheme://host[:port]
	InvalidTag       = "INVALID_TAG"        // not x-<vendor>-<name>
	InvalidDomain    = "INVALID_DOMAIN"     // not a domain that can be registered
	OutsideDomain    = "OUTSIDE_DOMAIN"     // the site's passkeys do not work on this origin
	NoSibling        = "NO_SIBLING"         // no origin of the site shares the login domain's registrable domain
	NoRecord         = "NO_RECORD"          // the DNS has no such record
	Unreachable      = "UNREACHABLE"        // nothing answers there
	WrongHost        = "WRONG_HOST"         // the proxy changes the Host header
	OtherServer      = "OTHER_SERVER"       // something else answers there
	InvalidURL       = "INVALID_URL"        // not an address that the place takes: http or https, no password
	PrivateAddress   = "PRIVATE_ADDRESS"    // within a network, where nothing is sent
	Unknown          = "UNKNOWN"            // no such thing in this site
	UnknownReference = "UNKNOWN_REFERENCE"  // the same, told by the database
	Taken            = "TAKEN"              // another record has it
	Duplicate        = "DUPLICATE"          // twice in the same input
	WrongType        = "WRONG_TYPE"         // a value of another type of field
	WrongKind        = "WRONG_KIND"         // a person where an organization belongs, or the other way
	InTrash          = "IN_TRASH"           // the contact must be restored first
	InUse            = "IN_USE"             // contacts stand against the change
	NotOnSurface     = "NOT_ON_SURFACE"     // the field is not asked here
	TooFewChoices    = "TOO_FEW_CHOICES"    // fewer picked than the field asks (T-51, T-52)
	TooManyChoices   = "TOO_MANY_CHOICES"   // more picked than the field allows (T-50 to T-52)
	ChoiceLimit      = "CHOICE_LIMIT"       // more than 20 choices defined (T-48)
	WrongCredentials = "WRONG_CREDENTIALS"  // e-mail or password; never told which
	WrongCode        = "WRONG_CODE"         // not the code of the newest mail
	CodeExpired      = "CODE_EXPIRED"       // ask for a new mail
	TooManyTries     = "TOO_MANY_TRIES"     // the code is used up; ask for a new mail
	WeakPassword     = "WEAK_PASSWORD"      // too short, or the address itself
	LoginRequired    = "LOGIN_REQUIRED"     // the site sells to accounts only (T-20)
	ConsentRequired  = "CONSENT_REQUIRED"   // the site lists by consent only (P-03)
	SameContact      = "SAME_CONTACT"       // a contact with itself
	TwoAccounts      = "TWO_ACCOUNTS"       // a contact has one account at most
	NotInTrash       = "NOT_IN_TRASH"       // only what is in the trash is deleted for good
	HasAccount       = "HAS_ACCOUNT"        // an account hangs on it
	LastOwner        = "LAST_OWNER"         // a site keeps at least one owner
	Cycle            = "CYCLE"              // the link would put a contact above itself (S-18, S-22)
	FieldCycle       = "FIELD_CYCLE"        // a field that is shown only if it is answered itself, through others or not
	FieldAwaited     = "FIELD_AWAITED"      // other fields are asked only for certain answers to it, which the change would do away with
	SegmentCycle     = "SEGMENT_CYCLE"      // segments that refer to one another in a circle
	SegmentNested    = "SEGMENT_NESTED"     // segments within segments: too deep, or too much in all
	SegmentBroken    = "SEGMENT_BROKEN"     // the rule names a segment that is broken itself
	SegmentInUse     = "SEGMENT_IN_USE"     // other segments' rules refer to it
	UnknownMerge     = "UNKNOWN_MERGE"      // a text names a merge field that does not exist
	BrokenMerge      = "BROKEN_MERGE"       // a merge field lacks its beginning or its end
	WebhookDisabled  = "WEBHOOK_DISABLED"   // enable it first
	FollowsAddress   = "FOLLOWS_ADDRESS"    // the address is an organization's; stop using it first (S-112)
	SignInAgain      = "SIGN_IN_AGAIN"      // the second step was not taken in time, or in another browser
	WrongPassword    = "WRONG_PASSWORD"     // of somebody who is signed in
	SetUpAgain       = "SET_UP_AGAIN"       // the second step's secret was shown too long ago
	SecondStepNeeded = "SECOND_STEP_NEEDED" // the site's staff need a second step
)
