"""What cannot work says so, in the class of error that Python programs expect."""

import asyncio
import concurrent.futures
import http.client
import multiprocessing
import os
import socket
import ssl
import subprocess
import threading
import urllib.request


def pool():
    with concurrent.futures.ThreadPoolExecutor() as executor:
        executor.submit(print)


def processes():
    with concurrent.futures.ProcessPoolExecutor() as executor:
        executor.submit(print)


def native():
    import ctypes


def compressed():
    import lzma


def sdk():
    import boto3


ATTEMPTS = {
    "connect": lambda: socket.create_connection(("192.0.2.1", 80)),
    "socket": lambda: socket.socket(),
    "resolve": lambda: socket.getaddrinfo("example.com", 443),
    "urlopen": lambda: urllib.request.urlopen("https://example.com/"),
    "http": lambda: http.client.HTTPConnection("example.com").request("GET", "/"),
    "https": lambda: http.client.HTTPSConnection("example.com").request("GET", "/"),
    "tls": lambda: ssl.create_default_context().wrap_socket(None),
    "thread": lambda: threading.Thread(target=print).start(),
    "timer": lambda: threading.Timer(1, print).start(),
    "pool": pool,
    "process": lambda: multiprocessing.Process(target=print).start(),
    "processPool": processes,
    "queue": lambda: multiprocessing.Queue(),
    "subprocess": lambda: subprocess.run(["ls"], check=True),
    "system": lambda: os.system("ls"),
    "fork": lambda: os.fork(),
    "toThread": lambda: asyncio.run(asyncio.to_thread(print)),
    "streams": lambda: asyncio.run(asyncio.open_connection("example.com", 80)),
    "ctypes": native,
    "lzma": compressed,
    "boto3": sdk,
}


def lambda_handler(event, context):
    told = {}
    for name, attempt in ATTEMPTS.items():
        try:
            attempt()
            told[name] = "it worked"
        except Exception as error:
            told[name] = f"{type(error).__name__}: {error}"
    return told
