# Every flow that MSAL for Python documents, against devtenant. TestMSALPython starts it with the settings as JSON in SETTINGS.
# It writes one JSON object a line: what the user has to do (visit, or a device code to enter), and at the end what it got.
import json
import os
import sys
from urllib.parse import parse_qsl

import msal

settings = json.loads(os.environ["SETTINGS"])
authority, scope = settings["AUTHORITY"], settings["WEBUI_API_SCOPE"]
arm = ["https://management.azure.com/.default"]


def say(value):
    print(json.dumps(value), flush=True)


def good(result):
    if not result or "error" in result:
        sys.exit("refused: %s" % (result or {}).get("error_description"))
    return result


def api(credential):
    return msal.ConfidentialClientApplication(settings["API_CLIENT_ID"], authority=authority, client_credential=credential)


web = msal.ConfidentialClientApplication(
    settings["WEBUI_CLIENT_ID"], authority=authority, client_credential=settings["WEBUI_CLIENT_SECRET"], client_capabilities=["CP1"])
flow = web.initiate_auth_code_flow(scopes=[scope], redirect_uri=settings["WEBUI_REDIRECT_URI"])
say({"visit": flow["auth_uri"]})
signed_in = good(web.acquire_token_by_auth_code_flow(flow, dict(parse_qsl(sys.stdin.readline().strip()))))
account = web.get_accounts()[0]
silent = good(web.acquire_token_silent([scope], account))
renewed = good(web.acquire_token_silent([scope], account, force_refresh=True))

by_secret = api(settings["API_CLIENT_SECRET"])
exchanged = good(by_secret.acquire_token_on_behalf_of(signed_in["access_token"], arm))
by_certificate = api({"thumbprint": settings["THUMBPRINT"], "private_key": settings["PRIVATE_KEY"]})
certified = good(by_certificate.acquire_token_on_behalf_of(signed_in["access_token"], arm))
app_only = good(by_certificate.acquire_token_for_client(arm))
refusal = by_secret.acquire_token_on_behalf_of(settings["CAROLS_TOKEN"], arm)

# The Azure CLI's client id stands in for a public client of one's own.
public = msal.PublicClientApplication(settings["PUBLIC_CLIENT_ID"], authority="https://login.microsoftonline.com/organizations")
device = public.initiate_device_flow(scopes=arm)
say({"page": device["verification_uri"], "code": device["user_code"]})
sys.stdin.readline()  # the user has done it
by_device = good(public.acquire_token_by_device_flow(device))
by_password = good(public.acquire_token_by_username_password("alice@devtenant.example", settings["PASSWORD"], arm))

say({
    "user": signed_in["id_token_claims"]["preferred_username"],
    "homeAccountId": account["home_account_id"],
    "silentFromCache": silent["access_token"] == signed_in["access_token"],
    "renewed": renewed["access_token"] != signed_in["access_token"],
    "exchanged": exchanged["access_token"],
    "certified": certified["access_token"],
    "appOnly": app_only["access_token"],
    "byDevice": by_device["access_token"],
    "byPassword": by_password["access_token"],
    "refusal": {"error": refusal.get("error"), "suberror": refusal.get("suberror"), "claims": refusal.get("claims"), "codes": refusal.get("error_codes")},
})
