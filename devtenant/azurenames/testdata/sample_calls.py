# What the Python sample calls of MSAL, in one file: the web half (initiate_auth_code_flow, acquire_token_by_auth_code_flow,
# get_accounts, acquire_token_silent, remove_account) and a Flask API that checks the token, exchanges it on behalf of the user
# and lists subscriptions. TestPythonSample starts it with the settings of both halves as JSON in SETTINGS.
#
# It writes the address to visit, reads the query that the browser came back with, and writes what it got.
import functools
import json
import os
import sys
from urllib.parse import parse_qsl

import flask
import jwt
import msal
import requests

settings = json.loads(os.environ["SETTINGS"])
authority = settings["AUTHORITY"]


def say(value):
    print(json.dumps(value), flush=True)


def application(tier):
    return msal.ConfidentialClientApplication(
        settings[tier + "_CLIENT_ID"], authority=authority, client_credential=settings[tier + "_CLIENT_SECRET"])


# The API.
api = flask.Flask(__name__)
middle_tier = application("API")


def authorized(view):
    @functools.wraps(view)
    def checked():
        scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return {"code": "authorization_header_missing"}, 401
        keys = requests.get(authority + "/discovery/v2.0/keys", timeout=10).json()["keys"]
        key = next((k for k in keys if k["kid"] == jwt.get_unverified_header(token)["kid"]), None)
        try:
            jwt.decode(token, jwt.PyJWK(key).key, algorithms=["RS256"], audience=settings["API_CLIENT_ID"], issuer=authority + "/v2.0")
        except jwt.PyJWTError:
            return {"code": "invalid_token"}, 401
        return view(token)
    return checked


@api.get("/subscriptions")
@authorized
def subscriptions(token):
    result = middle_tier.acquire_token_on_behalf_of(user_assertion=token, scopes=["https://management.azure.com/user_impersonation"])
    if "error" in result:
        return {"code": result["error"]}, 404
    headers = {"Authorization": result["token_type"] + " " + result["access_token"]}
    return requests.get("https://management.azure.com/subscriptions?api-version=2022-12-01", headers=headers, timeout=10).json()


# The web half.
web = application("WEBUI")
scope = settings["WEBUI_API_SCOPE"]
flow = web.initiate_auth_code_flow(scopes=[scope], redirect_uri=settings["WEBUI_REDIRECT_URI"])
say({"visit": flow["auth_uri"]})
signed_in = web.acquire_token_by_auth_code_flow(auth_code_flow=flow, auth_response=dict(parse_qsl(sys.stdin.readline().strip())), scopes=[scope])
if "error" in signed_in:
    sys.exit(signed_in["error_description"])
user = signed_in["id_token_claims"]["preferred_username"]

account = web.get_accounts(username=user)[0]
silent = web.acquire_token_silent(scopes=[scope], account=account, authority=authority)
page = api.test_client().get("/subscriptions", headers={"Authorization": "Bearer " + silent["access_token"]})
forged = api.test_client().get("/subscriptions", headers={"Authorization": "Bearer " + silent["access_token"][:-4] + "AAAA"})
web.remove_account(account)

say({
    "user": user,
    "subscriptions": [s["displayName"] for s in page.get_json()["value"]],
    "forged": forged.status_code,
    "accountsAfterwards": len(web.get_accounts()),
})
