"""Sends by httpx over HTTP/2, with a provider token made by PyJWT.

Input: one JSON object as the first argument. Output: one line of JSON, an array of answers.
"""

import asyncio
import json
import ssl
import sys
import time

import httpx
import jwt


async def main(job):
    key = open(job["key"]).read()
    claims = {"iss": job["team"], "iat": int(time.time())}
    token = jwt.encode(claims, key, algorithm="ES256", headers={"kid": job["kid"]})
    trust = ssl.create_default_context(cafile=job["ca"])
    headers = {
        "authorization": f"bearer {token}",
        "apns-topic": job["topic"],
        "apns-push-type": "voip",
        "apns-expiration": "0",
    }
    base = f"https://{job['host']}:{job['port']}/3/device/"
    async with httpx.AsyncClient(http2=True, verify=trust, base_url=base) as client:

        async def post(device):
            body = json.dumps({"by": "httpx"})
            answer = await client.post(device, headers=headers, content=body)
            reason = answer.json()["reason"] if answer.content else None
            return {"status": answer.status_code, "reason": reason}

        print(json.dumps([await post(device) for device in job["devices"]]))


asyncio.run(main(json.loads(sys.argv[1])))
