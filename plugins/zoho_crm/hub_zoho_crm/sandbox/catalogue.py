"""The modules an organisation has from the start."""

from hub_zoho_crm.sandbox.fields import Field

_INDUSTRIES = ("Technology", "Manufacturing", "Financial Services", "Government/Military", "Small/Medium Enterprise")
_SOURCES = ("Advertisement", "Cold Call", "Employee Referral", "External Referral", "Partner", "Web Research", "Chat")
_SALUTATIONS = ("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.")
_STAGES = (
    "Qualification",
    "Needs Analysis",
    "Value Proposition",
    "Identify Decision Makers",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
    "Closed Lost to Competition",
)
HUB_KEY = Field("Hub_Key", "Hub Key", length=120, unique=True, external=True, custom=True)
UNIQUE_HUB_KEY = Field("Hub_Key", "Hub Key", length=120, unique=True, custom=True)
KEPT = (
    Field("Owner", "Owner", "ownerlookup"),
    Field("Created_By", "Created By", "ownerlookup", system=True),
    Field("Modified_By", "Modified By", "ownerlookup", system=True),
    Field("Created_Time", "Created Time", "datetime", system=True),
    Field("Modified_Time", "Modified Time", "datetime", system=True),
    Field("Last_Activity_Time", "Last Activity Time", "datetime", system=True),
    Field("Tag", "Tag", "tag"),
)
"""What every module has."""


def _long(name: str, label: str, length: int = 32_000) -> Field:
    return Field(name, label, "textarea", length)


def _pick(name: str, label: str, *values: str, mandatory: bool = False, custom: bool = False) -> Field:
    return Field(name, label, "picklist", values=values, mandatory=mandatory, custom=custom)


ACCOUNTS = (
    Field("Account_Name", "Account Name", length=200, mandatory=True),
    Field("Phone", "Phone", "phone"),
    Field("Website", "Website", "website"),
    Field("Account_Number", "Account Number", "bigint"),
    Field("Parent_Account", "Parent Account", "lookup", module="Accounts"),
    _pick("Account_Type", "Account Type", "Analyst", "Competitor", "Customer", "Partner", "Prospect", "Vendor"),
    _pick("Industry", "Industry", *_INDUSTRIES),
    Field("Annual_Revenue", "Annual Revenue", "currency"),
    Field("Employees", "Employees", "integer"),
    Field("Billing_Street", "Billing Street", length=250),
    Field("Billing_City", "Billing City", length=100),
    Field("Billing_Country", "Billing Country", length=100),
    _long("Description", "Description"),
    UNIQUE_HUB_KEY,
)
CONTACTS = (
    _pick("Salutation", "Salutation", *_SALUTATIONS),
    Field("First_Name", "First Name", length=40),
    Field("Last_Name", "Last Name", length=80, mandatory=True),
    Field("Full_Name", "Full Name", length=120, formula=True),
    Field("Account_Name", "Account Name", "lookup", module="Accounts"),
    Field("Email", "Email", "email"),
    Field("Phone", "Phone", "phone"),
    Field("Mobile", "Mobile", "phone"),
    Field("Title", "Title", length=100),
    Field("Department", "Department", length=50),
    _pick("Lead_Source", "Lead Source", *_SOURCES),
    Field("Date_of_Birth", "Date of Birth", "date"),
    Field("Email_Opt_Out", "Email Opt Out", "boolean"),
    Field("Reporting_To", "Reporting To", "lookup", module="Contacts"),
    Field("Mailing_City", "Mailing City", length=100),
    Field("Mailing_Country", "Mailing Country", length=100),
    _long("Description", "Description"),
    UNIQUE_HUB_KEY,
)
LEADS = (
    _pick("Salutation", "Salutation", *_SALUTATIONS),
    Field("First_Name", "First Name", length=40),
    Field("Last_Name", "Last Name", length=80, mandatory=True),
    Field("Full_Name", "Full Name", length=120, formula=True),
    Field("Company", "Company", length=200),
    Field("Email", "Email", "email"),
    Field("Phone", "Phone", "phone"),
    Field("Mobile", "Mobile", "phone"),
    Field("Website", "Website", "website"),
    _pick("Lead_Source", "Lead Source", *_SOURCES),
    _pick("Lead_Status", "Lead Status", "Attempted to Contact", "Contact in Future", "Contacted", "Junk Lead", "Lost"),
    _pick("Industry", "Industry", *_INDUSTRIES),
    Field("No_of_Employees", "No. of Employees", "integer"),
    Field("Annual_Revenue", "Annual Revenue", "currency"),
    Field("City", "City", length=100),
    Field("Country", "Country", length=100),
    _long("Description", "Description"),
)
DEALS = (
    Field("Deal_Name", "Deal Name", length=120, mandatory=True),
    Field("Account_Name", "Account Name", "lookup", module="Accounts"),
    Field("Contact_Name", "Contact Name", "lookup", module="Contacts"),
    _pick("Stage", "Stage", *_STAGES, mandatory=True),
    _pick("Type", "Type", "Existing Business", "New Business"),
    Field("Amount", "Amount", "currency"),
    Field("Closing_Date", "Closing Date", "date"),
    Field("Probability", "Probability (%)", "percent"),
    Field("Expected_Revenue", "Expected Revenue", "currency", formula=True),
    Field("Next_Step", "Next Step", length=100),
    _pick("Lead_Source", "Lead Source", *_SOURCES),
    _long("Description", "Description"),
    UNIQUE_HUB_KEY,
)
CASES = (
    Field("Case_Number", "Case Number", "autonumber", system=True),
    Field("Subject", "Subject", length=255, mandatory=True),
    _pick("Status", "Status", "New", "On Hold", "Escalated", "Closed", mandatory=True),
    _pick("Case_Origin", "Case Origin", "Email", "Phone", "Web", "Chat", mandatory=True),
    _pick("Priority", "Priority", "High", "Medium", "Low"),
    _pick("Type", "Type", "Problem", "Feature Request", "Question"),
    _pick(
        "Case_Reason", "Case Reason", "User did not attend any training", "Complex functionality", "Existing problem"
    ),
    Field("Account_Name", "Account Name", "lookup", module="Accounts"),
    Field("Related_To", "Contact Name", "lookup", module="Contacts"),
    Field("Deal_Name", "Deal Name", "lookup", module="Deals"),
    Field("Reported_By", "Reported By", length=50),
    Field("Email", "Email", "email"),
    Field("Phone", "Phone", "phone"),
    _long("Description", "Description"),
    _long("Solution", "Solution"),
    _long("Internal_Comments", "Internal Comments", 3000),
    UNIQUE_HUB_KEY,
)
TASKS = (
    Field("Subject", "Subject", length=255, mandatory=True),
    Field("Due_Date", "Due Date", "date"),
    Field("Who_Id", "Contact Name", "lookup", module="Contacts"),
    Field("What_Id", "Related To", "lookup"),
    _pick("Status", "Status", "Not Started", "Deferred", "In Progress", "Completed", "Waiting for input"),
    _pick("Priority", "Priority", "High", "Highest", "Low", "Lowest", "Normal"),
    Field("Closed_Time", "Closed Time", "datetime", system=True),
    _long("Description", "Description"),
    UNIQUE_HUB_KEY,
)
NOTES = (
    Field("Note_Title", "Note Title", length=120),
    Field("Note_Content", "Note Content", "textarea", 65_535, mandatory=True),
    Field("Parent_Id", "Parent ID", "lookup", mandatory=True),
)
REQUIREMENTS = (
    Field("Name", "Requirement Name", length=120, mandatory=True),
    _long("Description", "Description"),
    _pick("Status", "Status", "New", "Accepted", "In Progress", "Done", "Rejected", custom=True),
    _pick("Priority", "Priority", "Urgent", "High", "Medium", "Low", custom=True),
    Field("Start_Date", "Start Date", "date", custom=True),
    Field("Due_Date", "Due Date", "date", custom=True),
    Field("Estimate", "Estimate", "double", custom=True),
    Field("Account", "Account", "lookup", module="Accounts", custom=True),
    Field("Contact", "Contact", "lookup", module="Contacts", custom=True),
    Field("Areas", "Areas", "multiselectpicklist", values=("Finance", "Logistics", "Production", "Sales"), custom=True),
    Field("Background", "Background", "textarea", 2000, custom=True),
    HUB_KEY,
)
MODULES = (
    ("Leads", "Lead", "Full_Name", LEADS, ("Email",)),
    ("Accounts", "Account", "Account_Name", ACCOUNTS, ("Account_Name",)),
    ("Contacts", "Contact", "Full_Name", CONTACTS, ("Email",)),
    ("Deals", "Deal", "Deal_Name", DEALS, ("Deal_Name",)),
    ("Cases", "Case", "Subject", CASES, ()),
    ("Tasks", "Task", "Subject", TASKS, ()),
    ("Notes", "Note", "Note_Title", NOTES, ()),
    ("Requirements", "Requirement", "Name", REQUIREMENTS, ()),
)
"""API name, singular, the field that names a record, the fields, and those an upsert checks if told none."""
