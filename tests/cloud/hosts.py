"""The hosts of a stack as the Internet shows them, for the tests of the cloud's scripts: DNS over HTTPS, and files of
theirs over TLS, all on one port of this machine. The programs in stand-in/ lead curl and openssl here.

    hosts.py FOLDER     serves FOLDER/<host>/<path> over TLS with FOLDER/server.pem, says FOLDER/port when it does

dns.google answers /resolve from FOLDER/dns, lines "host address".
"""
import http.server
import json
import os
import ssl
import sys
import urllib.parse

FOLDER = sys.argv[1]


class Hosts(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        host = self.headers["Host"].split(":")[0]
        address = urllib.parse.urlsplit(self.path)
        body = None
        if host == "dns.google":
            name = urllib.parse.parse_qs(address.query)["name"][0]
            with open(os.path.join(FOLDER, "dns")) as file:
                known = dict(line.split() for line in file)
            answer = {"Status": 0 if name in known else 3}
            if name in known:
                answer["Answer"] = [{"name": name + ".", "type": 5, "TTL": 60, "data": "alias.example."},
                                    {"name": name + ".", "type": 1, "TTL": 60, "data": known[name]}]
            body = json.dumps(answer).encode()
        elif ".." not in address.path:
            path = os.path.join(FOLDER, host, address.path.lstrip("/"))
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    body = file.read()
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hosts)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(os.path.join(FOLDER, "server.pem"))
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(os.path.join(FOLDER, "port.new"), "w") as file:
    file.write(str(server.server_address[1]))
os.rename(os.path.join(FOLDER, "port.new"), os.path.join(FOLDER, "port"))
server.serve_forever()
