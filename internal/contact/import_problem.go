package contact

import (
	"slices"
	"strconv"
	"strings"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// ImportProblem is one thing that an import tells of: why a row was refused, what of it was not taken, why it could not be
// taken back, or why a whole run stopped.
//
// The code says what it is, to translate by; the rest is what its sentence needs. Nothing of the English sentence is kept
// but what a reason says beyond its code.
type ImportProblem struct {
	Code    string   `json:"code"`
	Column  string   `json:"column,omitempty"`  // the header of the cell, as the file has it; "": about no cell
	Value   string   `json:"value,omitempty"`   // the cell's, or one of its list's, shortened; of an IBAN never
	Names   []string `json:"names,omitempty"`   // what else it names, in the order of the sentence
	Numbers []int64  `json:"numbers,omitempty"` // of contacts, three at most; 0: one of the same file
	Count   int      `json:"count,omitempty"`   // how many there are, or may be
	Text    string   `json:"text,omitempty"`    // in English, where it says more than the code
	About   string   `json:"about,omitempty"`   // the attribute that the value is of, when not everybody reads it
}

// The codes that are the import's own. Others are reasons of package fault, which mean the same here.
const (
	badKind             = "INVALID_KIND"
	badContactNumber    = "INVALID_CONTACT_NUMBER"
	badOrganizationKind = "INVALID_ORGANIZATION_KIND"
	badYesNo            = "INVALID_YES_NO"
	badConsent          = "INVALID_CONSENT"
	badReference        = "INVALID_REFERENCE"
	badID               = "INVALID_ID"
	unknownCountry      = "UNKNOWN_COUNTRY"
	unknownLabel        = "UNKNOWN_LABEL"
	unknownType         = "UNKNOWN_TYPE"
	unknownFunction     = "UNKNOWN_FUNCTION"
	unknownNature       = "UNKNOWN_NATURE"
	unknownChoice       = "UNKNOWN_CHOICE"
	notWritten          = "NOT_WRITTEN"
	sameName            = "SAME_NAME"
	sameEmailAndName    = "SAME_EMAIL_AND_NAME"
	sameEmail           = "SAME_EMAIL"
	rowOfOtherKind      = "ROW_OF_OTHER_KIND"
	emailOfOtherKind    = "EMAIL_OF_OTHER_KIND"
	referenceTaken      = "REFERENCE_TAKEN"
	referenceTakenHere  = "REFERENCE_TAKEN_HERE"

	rowUnclosed       = "UNCLOSED_QUOTE"
	rowTooLong        = "ROW_TOO_LONG"
	rowNamesNobody    = "ROW_NAMES_NOBODY"
	rowRepeatsHeader  = "REPEATED_HEADER"
	cardUnreadable    = "CARD_UNREADABLE"
	cardUnended       = "CARD_UNENDED"
	cardRunsOn        = "CARD_RUNS_ON"
	noPlace           = "NO_PLACE"
	dayWithoutYear    = "DAY_WITHOUT_YEAR"
	surplusCell       = "SURPLUS_CELL"
	unreadColumn      = "UNREAD_COLUMN"
	groupMissing      = "GROUP_MISSING"
	groupImpossible   = "GROUP_IMPOSSIBLE"
	groupDeleted      = "GROUP_DELETED"
	roleDoesNotRead   = "ROLE_DOES_NOT_READ"
	consentDate       = "CONSENT_DATE"
	consentUndated    = "CONSENT_WITHDRAWN_UNDATED"
	consentLater      = "CONSENT_WITHDRAWN_LATER"
	labelOfOtherKind  = "LABEL_OF_OTHER_KIND"
	oneLabel          = "ONE_LABEL"
	tooManyReferences = "TOO_MANY_REFERENCES"

	keptAccount      = "ACCOUNT_BY_NOW"
	keptTouched      = "TOUCHED_SINCE"
	keptChanged      = "CHANGED_SINCE"
	keptGone         = "DELETED_FOR_GOOD"
	keptMerged       = "MERGED"
	keptTrash        = "TRASHED"
	keptEmail        = "ACCOUNT_NEEDS_EMAIL"
	keptConsent      = "CONSENT_STAYS"
	keptUnseen       = "ROLE_DOES_NOT_READ_CHANGE"
	runBroke         = "BROKE_OFF"
	runStopped       = "STOPPED"
	serverStopped    = "SERVER_STOPPED"
	revertBroke      = "REVERT_BROKE_OFF"
	fileEmpty        = "FILE_EMPTY"
	fileOldExcel     = "FILE_OLD_EXCEL"
	filePDF          = "FILE_PDF"
	fileCompressed   = "FILE_COMPRESSED"
	fileBinary       = "FILE_BINARY"
	fileNoText       = "FILE_NO_TEXT"
	fileHeader       = "FILE_HEADER"
	fileColumns      = "FILE_COLUMNS"
	fileTwoColumns   = "FILE_TWO_COLUMNS"
	fileNamesNobody  = "FILE_NAMES_NOBODY"
	fileNotGoogle    = "FILE_NOT_GOOGLE"
	fileDamaged      = "FILE_DAMAGED"
	fileNoWorkbook   = "FILE_NO_WORKBOOK"
	fileWorkbook     = "FILE_WORKBOOK"
	fileWorkbookSize = "FILE_WORKBOOK_SIZE"
	fileNoRow        = "FILE_NO_ROW"
	fileCards        = "FILE_CARDS"
)

// importSentences are what the codes say in English. Where {column} and {value} do not stand in a sentence, the column goes
// before it and the value behind.
var importSentences = map[string]string{
	badKind:             "say person or organization, not “{value}”",
	badContactNumber:    "this is no contact number",
	badOrganizationKind: "the kinds of organization are school, association, public service, club and company, not “{value}”",
	badYesNo:            "say yes or no, not “{value}”",
	badConsent:          "say yes, no or the channels, not “{value}”",
	badReference:        "write a reference with its source before it, as “Source: number”, not as “{value}”",
	badID:               "this is no id of ours",
	unknownCountry:      "this country is not known; write its ISO 3166 code, for example NO, not “{value}”",
	unknownLabel:        "the set {name} has no label “{value}”",
	unknownType:         "the types are guide, supplier, partner, producer and support, not “{value}”",
	unknownFunction:     "the site has no function “{value}”",
	unknownNature:       "the site has no nature “{value}”",
	unknownChoice:       "there is no choice “{value}”; the choices are {names}",
	notWritten:          "the row could not be written; try to import it again",
	sameName:            "{count} contacts have this name and phone or birth date (numbers {numbers}); give the row an e-mail address, or remove the doubles",
	sameEmailAndName:    "{count} contacts have this e-mail address and this name (numbers {numbers}); remove the doubles first",
	sameEmail:           "{count} contacts have this e-mail address (numbers {numbers}), and none of them this name; say in the file which one is meant",
	rowOfOtherKind:      "the row is about number {numbers}, “{name}”, which is of the other kind: {other}",
	emailOfOtherKind:    "the e-mail address belongs to number {numbers}, “{name}”, which is of the other kind: {other}",
	referenceTaken:      "the reference “{value}” of “{name}” belongs to contact number {numbers}",
	referenceTakenHere:  "the reference “{value}” of “{name}” belongs to a contact of this file",

	fault.InvalidDate:   "write the date as {name}, not as “{value}”",
	fault.InvalidNumber: "write the number as 1234.5, not as “{value}”",
	fault.InvalidEmail:  "this is not an e-mail address",
	fault.InvalidPhone:  "this is not a phone number of {name}",
	fault.WrongKind:     "“{value}” is for contacts of the other kind",

	rowUnclosed:      "a quotation mark on this line is not closed",
	rowTooLong:       "this row is longer than 2 MB",
	rowNamesNobody:   "give a name or an e-mail address",
	rowRepeatsHeader: "this row repeats the names of the columns",
	cardUnreadable:   "this card cannot be read: {name}",
	cardUnended:      "this card does not end",
	cardRunsOn:       "this card does not end before the next begins",

	noPlace:           "there is no place for it",
	dayWithoutYear:    "a day without a year is not kept",
	surplusCell:       "the row has more cells than the header has columns; “{value}” was not read",
	unreadColumn:      "the column {column} means nothing to us and is not read",
	groupMissing:      "the group “{value}” does not exist, and only a manager may create it",
	groupImpossible:   "the group “{value}” cannot be created: a name has at most 200 characters, a site at most {count} groups",
	groupDeleted:      "the group “{value}” has been deleted meanwhile",
	roleDoesNotRead:   "your role does not read this here, so it is not imported",
	consentDate:       "a consent is dated between 1990 and today; this one is not recorded",
	consentUndated:    "the consent was withdrawn on {name} and the file does not say when it was given; it stays withdrawn",
	consentLater:      "the consent was withdrawn on {name}, later than the file's date; it stays withdrawn",
	labelOfOtherKind:  "the set {name} is not for contacts of this kind",
	oneLabel:          "a contact has one label of the set {name}; “{value}” is not given",
	tooManyReferences: "at most {count} references; “{value}” of “{name}” is not added",

	keptAccount: "the contact has an account by now",
	keptTouched: "the contact has been changed since; move it to the trash by hand, if that is meant",
	keptChanged: "changed since: {names}",
	keptGone:    "the contact has been deleted for good",
	keptMerged:  "the contact has become part of another; undo the merge first",
	keptTrash:   "the contact is in the trash",
	keptEmail:   "the contact has an account by now, which needs its e-mail address",
	keptConsent: "the consent that was recorded stays in the ledger; record a withdrawal, if that is meant",
	keptUnseen:  "it changed what your role does not read here; somebody who does can take it back",

	runBroke:      "something went wrong on our side; import the file again, rows that are in the book already stay as they are",
	runStopped:    "the import was stopped; import the file again, rows that are in the book already stay as they are",
	serverStopped: "the server was stopped; import the file again, rows that are in the book already stay as they are",
	revertBroke:   "taking the import back was interrupted; take it back again, what was undone stays so",

	fileEmpty:        "the file is empty",
	fileOldExcel:     "this is an old Excel workbook, or one with a password; open it and save it as .xlsx without a password, or as CSV",
	filePDF:          "this is a PDF; export the contacts as CSV instead",
	fileCompressed:   "this file is compressed; unpack it first",
	fileBinary:       "this is not a text file: it holds NUL bytes; export the contacts as CSV, XLSX or vCard",
	fileNoText:       "this is not a text file; export the contacts as CSV",
	fileHeader:       "the first line cannot be read: {name}",
	fileColumns:      "a file has at most {name} columns; take out those that are not about contacts",
	fileTwoColumns:   "two columns are called \"{name}\"; rename one of them, or say with a mapping which is meant",
	fileNamesNobody:  "the first line must name the columns, and one of them must be a name or an e-mail address; it reads “{name}”",
	fileNotGoogle:    "this is no export of Google Contacts: it has no column such as “E-mail 1 - Value”; let the format be found out, or choose another",
	fileDamaged:      "this archive is damaged; send the file again",
	fileNoWorkbook:   "this is a ZIP archive and no Excel workbook; unpack it first",
	fileWorkbook:     "this workbook cannot be read; open it, save it as .xlsx without a password, or as CSV",
	fileWorkbookSize: "this workbook is larger than 600 MB once unpacked; save its first sheet as CSV",
	fileNoRow:        "no sheet of this workbook has a row",
	fileCards:        "cards have no columns to map",
}

// Message says it in English: which column, what is wrong, and the value.
func (p ImportProblem) Message() string {
	sentence, text := p.Text, p.Text
	if sentence == "" {
		sentence = importSentences[p.Code]
		text = strings.NewReplacer("{column}", strconv.Quote(p.Column), "{value}", p.Value, "{name}", p.nth(0), "{other}", p.nth(1),
			"{names}", strings.Join(p.Names, ", "), "{numbers}", p.numbers(), "{count}", strconv.Itoa(p.Count)).Replace(sentence)
	}
	if p.Column != "" && !strings.Contains(sentence, "{column}") {
		text = p.Column + ": " + text
	}
	if p.Value != "" && !strings.Contains(sentence, "{value}") {
		text += ": “" + p.Value + "”"
	}
	return text
}

func (p ImportProblem) nth(n int) string {
	if n < len(p.Names) {
		return p.Names[n]
	}
	return ""
}

func (p ImportProblem) numbers() string {
	parts := make([]string, len(p.Numbers), len(p.Numbers)+1)
	for i, n := range p.Numbers {
		parts[i] = strconv.FormatInt(n, 10)
		if n == 0 {
			parts[i] = "one of this file"
		}
	}
	if p.Count > len(parts) {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}

func (p ImportProblem) same(as ImportProblem) bool {
	return p.Code == as.Code && p.Column == as.Column && p.Value == as.Value && slices.Equal(p.Names, as.Names)
}

// ImportProblems are what an import tells of one row or run.
type ImportProblems []ImportProblem

// message joins what they say in English.
func (l ImportProblems) message() string {
	parts := make([]string, len(l))
	for i, p := range l {
		parts[i] = p.Message()
	}
	return strings.Join(parts, "; ")
}

// hide takes out the values that the actor may not read; that something is wrong with them is still told.
func (l ImportProblems) hide(a site.Actor) {
	for i := range l {
		if what, is := sensitiveName(l[i].About); is && !a.Sees(what) && l[i].Value != "" {
			l[i].Value = "…"
		}
	}
}

// problem tells of a cell.
func (c cell) problem(code string, names ...string) ImportProblem {
	return c.problemOf(code, c.text, names...)
}

// problemOf tells of one value of a cell that holds several.
func (c cell) problemOf(code, value string, names ...string) ImportProblem {
	return ImportProblem{Code: code, Column: c.header, Value: shortened(value), Names: names}
}

// aboutContacts tells of contacts that stand in the way: the numbers of the first three, and how many they are.
func aboutContacts(code string, records []*Record) ImportProblem {
	p := ImportProblem{Code: code, Count: len(records)}
	for _, r := range records[:min(len(records), 3)] {
		p.Numbers = append(p.Numbers, r.Number)
	}
	return p
}

// unreadable is the fault of a file that no row can be read from.
func unreadable(code string, names ...string) error {
	return unusable([]string{"file"}, code, names...)
}

func unusable(path []string, code string, names ...string) error {
	return fault.Invalid(code, path, "%s", ImportProblem{Code: code, Names: names}.Message()).Naming(names...)
}

// told is a mendable fault of a whole run as its problem.
func told(e *fault.Error) ImportProblem {
	p := ImportProblem{Code: e.Reason, Names: e.Names}
	if p.Message() != e.Message {
		p.Text = e.Message
	}
	return p
}

// badRecord is a record that cannot be read; the next one can.
type badRecord struct{ problem ImportProblem }

func bad(code string, names ...string) *badRecord {
	return &badRecord{ImportProblem{Code: code, Names: names}}
}

func (e *badRecord) Error() string { return e.problem.Message() }
