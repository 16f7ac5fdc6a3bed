"""An HTTP server in a thread, for what stands in for a real one."""

import http.server
import ssl
import threading


def serve(answer, host="127.0.0.1", port=0, certificate=None):
    """Serves what `answer(method, path, headers, body)` gives: a status, bytes and headers. With the paths of a certificate and its key, HTTPS."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, data, headers = answer(self.command, self.path, self.headers, body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = reply

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((host, port), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.handle_error = lambda *_: None  # a client that trusts nobody hangs up
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
