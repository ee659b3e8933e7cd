"""Sends by aioapns, its host and port set where it keeps them: it offers no ALPN and no :authority.

Input: one JSON object as the first argument. Output: one line of JSON, an array of answers.
"""

import asyncio
import json
import ssl
import sys

from aioapns import APNs, NotificationRequest, PushType, connection


async def main(job):
    connection.APNsDevelopmentClientProtocol.APNS_SERVER = job["host"]
    connection.APNsTLSClientProtocol.APNS_PORT = job["port"]
    trust = ssl.create_default_context(cafile=job["ca"])
    client = APNs(
        key=open(job["key"]).read(),
        key_id=job["kid"],
        team_id=job["team"],
        topic=job["topic"],
        use_sandbox=True,
        ssl_context=trust,
    )

    async def post(device):
        request = NotificationRequest(
            device_token=device,
            message={"by": "aioapns"},
            push_type=PushType.VOIP,
            time_to_live=0,
        )
        answer = await client.send_notification(request)
        return {"status": int(answer.status), "reason": answer.description}

    print(json.dumps([await post(device) for device in job["devices"]]))
    burst = [post(job["devices"][0]) for _ in range(job["burst"])]
    print(json.dumps([answer["status"] for answer in await asyncio.gather(*burst)]))


asyncio.run(main(json.loads(sys.argv[1])))
