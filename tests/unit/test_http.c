/* Heads of requests and responses, each rule by a sentence. */
#include "net/http.h"
#include "converse.h"
#include "tap.h"

#define H "Host: a\r\n"
#define END "\r\n"
#define GET "GET / HTTP/1.1\r\n" H
#define POST "POST / HTTP/1.1\r\n" H

/* What is read: the text of converse.h, or its beginning, up to { or [. */
struct row {
	const char *sentence;
	const char *bytes;
	const char *wanted;
};

static const struct row requests[] = {
	{"a request is a line, fields and an empty line",
	 "POST /predict?a=b?c HTTP/1.1\r\nHost: a:80\r\nX: y\r\n\r\n",
	 "POST /predict?a=b?c@ 1.1 none 0 {Host=a:80|X=y|} []\n"},
	{"requests follow one another", GET END GET END,
	 "GET /?@ 1.1 none 0 {Host=a|} []\nGET /?@ 1.1 none 0 {Host=a|} []\n"},
	/* The ends of lines. */
	{"empty lines before a request are skipped", END END END GET END,
	 "GET /?@ 1.1 none 0 {Host=a|} []\n"},
	{"a request line that ends in LF alone is refused",
	 "GET / HTTP/1.1\n" H END, "400 a line does not end in CRLF"},
	{"a field that ends in LF alone is refused", GET "X: y\n\r\n",
	 "400 a line does not end in CRLF"},
	{"a CR within a line is refused", GET "X: y\rZ: z\r\n\r\n",
	 "400 a line does not end in CRLF"},
	{"a CR before the CRLF is refused", GET "X: y\r\r\n\r\n",
	 "400 a line does not end in CRLF"},
	{"an empty line of LF alone is refused", GET "\n",
	 "400 a line does not end in CRLF"},
	{"an empty line of CR alone is refused", GET "\rX",
	 "400 a line does not end in CRLF"},
	{"a folded field is refused", GET "X: y\r\n z\r\n\r\n",
	 "400 a header field begins with a blank"},
	{"a field folded by a tab is refused", GET "X: y\r\n\tz\r\n\r\n",
	 "400 a header field begins with a blank"},
	{"a blank before the first field is refused",
	 "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
	 "400 a header field begins with a blank"},
	/* The request line. */
	{"a method has capital letters", "get / HTTP/1.1\r\n" H END,
	 "400 the request does not begin with a method and a blank"},
	{"a method may have - and _", "M-SE_ARCH / HTTP/1.1\r\n" H END,
	 "M-SE_ARCH /?@ 1.1 none 0 {Host=a|} []\n"},
	{"a method is not empty", " / HTTP/1.1\r\n" H END,
	 "400 the request does not begin with a method and a blank"},
	{"a method has no digits", "GET1 / HTTP/1.1\r\n" H END,
	 "400 the request does not begin with a method and a blank"},
	{"a method alone is no request", "GET\r\n" H END,
	 "400 the request does not begin with a method and a blank"},
	{"a tab is no blank behind the method", "GET\t/ HTTP/1.1\r\n" H END,
	 "400 the request does not begin with a method and a blank"},
	{"two blanks behind the method are refused",
	 "GET  / HTTP/1.1\r\n" H END,
	 "400 the request line is not METHOD TARGET VERSION"},
	{"a request of HTTP/0.9 has no version and is refused", "GET /\r\n",
	 "400 the request line is not METHOD TARGET VERSION"},
	{"a blank in the target is refused", "GET /a b HTTP/1.1\r\n" H END,
	 "400 the version is not HTTP/1.0 or HTTP/1.1"},
	{"a tab in the target is refused", "GET /a\tb HTTP/1.1\r\n" H END,
	 "400 the request line is not METHOD TARGET VERSION"},
	{"a fragment in the target is refused", "GET /a#b HTTP/1.1\r\n" H END,
	 "400 the request line is not METHOD TARGET VERSION"},
	{"a blank behind the version is refused", "GET / HTTP/1.1 \r\n" H END,
	 "400 the version is not HTTP/1.0 or HTTP/1.1"},
	{"bytes above 0x7f in a target are taken",
	 "GET /\xc3\xa0\xff HTTP/1.1\r\n" H END,
	 "GET /\xc3\xa0\xff?@ 1.1 none 0 {Host=a|} []\n"},
	{"quotes and the like in a target are taken",
	 "GET /\"<>\\^`{|}%zz HTTP/1.1\r\n" H END,
	 "GET /\"<>\\^`{|}%zz?@ 1.1 none 0 {Host=a|} []\n"},
	/* Versions. */
	{"HTTP/1.0 needs no Host and closes", "GET / HTTP/1.0\r\n\r\n",
	 "GET /?@ 1.0 none 0 closes {} []\n"},
	{"HTTP/1.9 is read as HTTP/1.1", "GET / HTTP/1.9\r\n" H END,
	 "GET /?@ 1.1 none 0 {Host=a|} []\n"},
	{"HTTP/0.9 as a version is refused", "GET / HTTP/0.9\r\n" H END,
	 "400 the version is not HTTP/1.0 or HTTP/1.1"},
	{"HTTP/2.0 is refused with 505", "GET / HTTP/2.0\r\n" H END,
	 "505 the version is above HTTP/1.1"},
	{"HTTP/9.9 is refused with 505", "GET / HTTP/9.9\r\n" H END,
	 "505 the version is above HTTP/1.1"},
	{"HTTP/11.1 is no version", "GET / HTTP/11.1\r\n" H END,
	 "400 the version is not HTTP/1.0 or HTTP/1.1"},
	{"HTTP/1.10 is no version", "GET / HTTP/1.10\r\n" H END,
	 "400 the version is not HTTP/1.0 or HTTP/1.1"},
	{"HTTP/1:1 is no version", "GET / HTTP/1:1\r\n" H END,
	 "400 the version is not HTTP/1.0 or HTTP/1.1"},
	{"HTTP-1.1 is no version", "GET / HTTP-1.1\r\n" H END,
	 "400 the version is not HTTP/1.0 or HTTP/1.1"},
	{"HTTP/1.! is no version", "GET / HTTP/1.!\r\n" H END,
	 "400 the version is not HTTP/1.0 or HTTP/1.1"},
	{"HTTP/1.x is no version", "GET / HTTP/1.x\r\n" H END,
	 "400 the version is not HTTP/1.0 or HTTP/1.1"},
	{"HTTP/x.1 is no version", "GET / HTTP/x.1\r\n" H END,
	 "400 the version is not HTTP/1.0 or HTTP/1.1"},
	{"http/1.1 is no version", "GET / http/1.1\r\n" H END,
	 "400 the version is not HTTP/1.0 or HTTP/1.1"},
	{"the preface of HTTP/2 is refused",
	 "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	 "400 the target does not begin with /"},
	{"a TLS hello is refused at its first byte", "\x16\x03\x01\x02",
	 "400 there is a control byte"},
	/* Targets. */
	{"a target without / is refused", "GET a HTTP/1.1\r\n" H END,
	 "400 the target does not begin with /"},
	{"a ? needs no query", "GET /a? HTTP/1.1\r\n" H END,
	 "GET /a?@ 1.1 none 0 {Host=a|} []\n"},
	{"* is the target of OPTIONS", "OPTIONS * HTTP/1.1\r\n" H END,
	 "OPTIONS *?@ 1.1 none 0 {Host=a|} []\n"},
	{"* is no target of GET", "GET * HTTP/1.1\r\n" H END,
	 "400 the target does not begin with /"},
	{"*/ is no target of OPTIONS", "OPTIONS */ HTTP/1.1\r\n" H END,
	 "400 the target does not begin with /"},
	{"HOST:PORT is the target of CONNECT, which nothing follows",
	 "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" GET END,
	 "CONNECT ?@a:1 1.1 none 0 closes {Host=a:1|} []\n"},
	{"the target of CONNECT has a port", "CONNECT a HTTP/1.1\r\n" H END,
	 "400 the target of CONNECT is not HOST:PORT"},
	{"the port of CONNECT is not empty", "CONNECT a: HTTP/1.1\r\n" H END,
	 "400 the target of CONNECT is not HOST:PORT"},
	{"the target of CONNECT has no path", "CONNECT /a HTTP/1.1\r\n" H END,
	 "400 the target of CONNECT is not HOST:PORT"},
	{"HOST:PORT is no target of GET",
	 "GET a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
	 "400 the target does not begin with /"},
	{"a target may be absolute", "GET http://a/b?c HTTP/1.1\r\n" H END,
	 "GET /b?c@a 1.1 none 0 {Host=a|} []\n"},
	{"an absolute target may lack a path", "GET HTTPS://a HTTP/1.1\r\n" H
	 END, "GET ?@a 1.1 none 0 {Host=a|} []\n"},
	{"an absolute target may have a query alone",
	 "GET http://a?b HTTP/1.1\r\n" H END,
	 "GET ?b@a 1.1 none 0 {Host=a|} []\n"},
	{"an absolute target may have an address of IPv6",
	 "GET http://[::1]:80/ HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
	 "GET /?@[::1]:80 1.1 none 0 {Host=[::1]:80|} []\n"},
	{"what stands before @ is not looked at",
	 "GET http://x:y@z@a/ HTTP/1.1\r\n" H END,
	 "GET /?@a 1.1 none 0 {Host=a|} []\n"},
	{"Host is the host of an absolute target, in any case",
	 "GET http://A.b/ HTTP/1.1\r\nHost: a.B\r\n\r\n",
	 "GET /?@A.b 1.1 none 0 {Host=a.B|} []\n"},
	{"another Host than that of an absolute target is refused",
	 "GET http://b/ HTTP/1.1\r\n" H END,
	 "400 Host is not the host of the target"},
	{"an absolute target without a host is refused",
	 "GET http:///a HTTP/1.1\r\n" H END,
	 "400 the target has no HOST or HOST:PORT behind ://"},
	{"a scheme alone is refused", "GET http:// HTTP/1.1\r\n" H END,
	 "400 the target has no HOST or HOST:PORT behind ://"},
	{"an absolute target with a broken host is refused",
	 "GET http://a\\b/ HTTP/1.1\r\n" H END,
	 "400 the target has no HOST or HOST:PORT behind ://"},
	{"another scheme than http and https is refused",
	 "GET ftp://a/ HTTP/1.1\r\n" H END,
	 "400 the target does not begin with /"},
	/* Fields. */
	{"a blank before the colon is refused", GET "X : y\r\n\r\n",
	 "400 a header field is not NAME: VALUE"},
	{"a line without a colon is refused", GET "Xy\r\n\r\n",
	 "400 a header field is not NAME: VALUE"},
	{"an empty name is refused", GET ": y\r\n\r\n",
	 "400 a header field is not NAME: VALUE"},
	{"a blank in a name is refused", GET "X Y: z\r\n\r\n",
	 "400 a header field is not NAME: VALUE"},
	{"a name has no bytes above 0x7f", GET "X\xc3\xa0: y\r\n\r\n",
	 "400 a header field is not NAME: VALUE"},
	{"a name is a token", GET "!#$%&'*+-.^_`|~09azAZ:\r\n\r\n",
	 "GET /?@ 1.1 none 0 {Host=a|!#$%&'*+-.^_`|~09azAZ=|} []\n"},
	{"other marks are refused in a name", GET "X(y): z\r\n\r\n",
	 "400 a header field is not NAME: VALUE"},
	{"blanks around a value are cut, those within are not",
	 GET "X: \t y \t z \t\r\n\r\n",
	 "GET /?@ 1.1 none 0 {Host=a|X=y \t z|} []\n"},
	{"a value may be empty", GET "X:\r\nY: \t\r\n\r\n",
	 "GET /?@ 1.1 none 0 {Host=a|X=|Y=|} []\n"},
	{"bytes above 0x7f in a value are taken", GET "X: \x80\xff\r\n\r\n",
	 "GET /?@ 1.1 none 0 {Host=a|X=\x80\xff|} []\n"},
	{"a control byte in a value is refused", GET "X: y\x01\r\n\r\n",
	 "400 there is a control byte"},
	{"DEL in a value is refused", GET "X: a long value\x7f\r\n\r\n",
	 "400 there is a control byte"},
	/* Host. */
	{"HTTP/1.1 without Host is refused", "GET / HTTP/1.1\r\n\r\n",
	 "400 Host is missing"},
	{"a second Host is refused, though equal", GET H END,
	 "400 Host stands twice"},
	{"a second Host is refused in HTTP/1.0", "GET / HTTP/1.0\r\n" H H END,
	 "400 Host stands twice"},
	{"an empty Host is refused", "GET / HTTP/1.1\r\nHost:\r\n\r\n",
	 "400 Host is not HOST or HOST:PORT"},
	{"Host has no path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
	 "400 Host is not HOST or HOST:PORT"},
	{"Host has no user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
	 "400 Host is not HOST or HOST:PORT"},
	{"Host is not a list", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
	 "400 Host is not HOST or HOST:PORT"},
	{"a name may have what RFC 3986 gives it",
	 "GET / HTTP/1.1\r\nhOST: a-b_c.~!$&'()*+,;=%20:65535\r\n\r\n",
	 "GET /?@ 1.1 none 0 {hOST=a-b_c.~!$&'()*+,;=%20:65535|} []\n"},
	{"a port is at most 65535", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n",
	 "400 Host is not HOST or HOST:PORT"},
	{"a port has digits alone", "GET / HTTP/1.1\r\nHost: a:+1\r\n\r\n",
	 "400 Host is not HOST or HOST:PORT"},
	/* Content-Length. */
	{"a body has the length that is announced",
	 POST "Content-Length: 5\r\n\r\nhello" GET END,
	 "POST /?@ 1.1 length 5 {Host=a|Content-Length=5|} [hello]\n"
	 "GET /?@ 1.1 none 0 {Host=a|} []\n"},
	{"a length of 0 is one", POST "content-length: 0\r\n\r\n",
	 "POST /?@ 1.1 length 0 {Host=a|content-length=0|} []\n"},
	{"zeros before a length are taken",
	 POST "Content-Length: 003\r\n\r\nabc",
	 "POST /?@ 1.1 length 3 {Host=a|Content-Length=003|} [abc]\n"},
	{"GET may have a body", GET "Content-Length: 1\r\n\r\nx",
	 "GET /?@ 1.1 length 1 {Host=a|Content-Length=1|} [x]\n"},
	{"a request without a length has no body", POST "\r\n" GET END,
	 "POST /?@ 1.1 none 0 {Host=a|} []\nGET /?@ 1.1 none 0 {Host=a|} []\n"},
	{"a second length is refused, though equal",
	 POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
	 "400 Content-Length stands twice"},
	{"a list of lengths is refused", POST "Content-Length: 1, 1\r\n\r\nx",
	 "400 Content-Length is not a count of bytes"},
	{"an empty length is refused", POST "Content-Length:\r\n\r\n",
	 "400 Content-Length is not a count of bytes"},
	{"a length with a sign is refused", POST "Content-Length: +1\r\n\r\nx",
	 "400 Content-Length is not a count of bytes"},
	{"a negative length is refused", POST "Content-Length: -1\r\n\r\n",
	 "400 Content-Length is not a count of bytes"},
	{"a hexadecimal length is refused", POST "Content-Length: 0x1\r\n\r\n",
	 "400 Content-Length is not a count of bytes"},
	{"the largest length is 2^63 - 1",
	 POST "Content-Length: 9223372036854775807\r\n\r\n",
	 "POST /?@ 1.1 length 9223372036854775807 {"
	 "Host=a|Content-Length=9223372036854775807|} ["},
	{"a length of 2^63 is refused",
	 POST "Content-Length: 9223372036854775808\r\n\r\n",
	 "400 Content-Length is not a count of bytes"},
	{"a length beyond 64 bits is refused",
	 POST "Content-Length: 18446744073709551617\r\n\r\n",
	 "400 Content-Length is not a count of bytes"},
	/* Transfer-Encoding. */
	{"chunks are put together",
	 POST "Transfer-Encoding: Chunked\r\n\r\n"
	 "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
	 "POST /?@ 1.1 chunked 0 {Host=a|Transfer-Encoding=Chunked|} "
	 "[hello]\n"},
	{"Content-Length and Transfer-Encoding together are refused",
	 POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
	 "400 both Content-Length and Transfer-Encoding"},
	{"so they are in HTTP/1.0",
	 "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"
	 "Content-Length: 1\r\n\r\n",
	 "400 both Content-Length and Transfer-Encoding"},
	{"Transfer-Encoding in HTTP/1.0 is refused",
	 "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
	 "400 Transfer-Encoding in HTTP/1.0"},
	{"a coding of another name is refused with 501",
	 POST "Transfer-Encoding: cow\r\n\r\n",
	 "501 Transfer-Encoding has a coding that is not known"},
	{"a name of one letter is one", POST "Transfer-Encoding: x\r\n\r\n",
	 "501 Transfer-Encoding has a coding that is not known"},
	{"xchunked is another name", POST "Transfer-Encoding: xchunked\r\n\r\n",
	 "501 Transfer-Encoding has a coding that is not known"},
	{"chunked twice is refused",
	 POST "Transfer-Encoding: chunked, chunked\r\n\r\n",
	 "400 Transfer-Encoding has chunked before its end"},
	{"chunked twice in two fields is refused",
	 POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
	 "\r\n", "400 Transfer-Encoding has chunked before its end"},
	{"a coding behind chunked is refused",
	 POST "Transfer-Encoding: chunked, gzip\r\n\r\n",
	 "400 Transfer-Encoding has chunked before its end"},
	{"a coding that is not chunked at the end is refused",
	 POST "Transfer-Encoding: gzip\r\n\r\n",
	 "400 Transfer-Encoding does not end in chunked"},
	{"identity alone is refused",
	 POST "Transfer-Encoding: identity\r\n\r\n",
	 "400 Transfer-Encoding does not end in chunked"},
	{"registered codings before chunked are left as they are",
	 POST "Transfer-Encoding: gzip , x-gzip\r\nTransfer-Encoding: compress,"
	 "deflate,identity,x-compress,\tchunked\r\n\r\n0\r\n\r\n",
	 "POST /?@ 1.1 chunked 0 {"},
	{"an empty Transfer-Encoding is refused",
	 POST "Transfer-Encoding:\r\n\r\n",
	 "400 Transfer-Encoding is not a list of names"},
	{"an empty element is refused",
	 POST "Transfer-Encoding: chunked,\r\n\r\n",
	 "400 Transfer-Encoding is not a list of names"},
	{"a parameter is refused",
	 POST "Transfer-Encoding: chunked;a=b\r\n\r\n",
	 "400 Transfer-Encoding is not a list of names"},
	{"a byte above 0x7f in a coding is refused",
	 POST "Transfer-Encoding: chunked\xa0\r\n\r\n",
	 "400 Transfer-Encoding is not a list of names"},
	{"Transfer_Encoding is a field like any other",
	 POST "Transfer_Encoding: x\r\n\r\n",
	 "POST /?@ 1.1 none 0 {Host=a|Transfer_Encoding=x|} []\n"},
	/* Connection. */
	{"Connection: close ends the connection",
	 GET "Connection: CLOSE\r\n\r\n" GET END,
	 "GET /?@ 1.1 none 0 closes {Host=a|Connection=CLOSE|} []\n"},
	{"close wins over keep-alive",
	 GET "Connection: keep-alive\r\nConnection: x, ,close\r\n\r\n" GET END,
	 "GET /?@ 1.1 none 0 closes {Host=a|Connection=keep-alive|"
	 "Connection=x, ,close|} []\n"},
	{"HTTP/1.0 stays open when it asks to",
	 "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" GET END,
	 "GET /?@ 1.0 none 0 {Connection=Keep-Alive|} []\n"
	 "GET /?@ 1.1 none 0 {Host=a|} []\n"},
	{"other options of Connection say nothing",
	 GET "Connection: closed, upgrade\r\n\r\n",
	 "GET /?@ 1.1 none 0 {Host=a|Connection=closed, upgrade|} []\n"},
	/* Others that are looked at. */
	{"Expect: 100-continue waits for an answer",
	 POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
	 "POST /?@ 1.1 length 1 expects {"},
	{"without a body there is nothing to wait for",
	 POST "Expect: 100-continue\r\n\r\n", "POST /?@ 1.1 none 0 {"},
	{"HTTP/1.0 expects nothing",
	 "POST / HTTP/1.0\r\nExpect: x\r\nContent-Length: 1\r\n\r\nx",
	 "POST /?@ 1.0 length 1 closes {"},
	{"another expectation is refused with 417", GET "Expect: x\r\n\r\n",
	 "417 Expect is not 100-continue"},
	{"a second Content-Type is refused",
	 GET "Content-Type: a/b\r\nContent-type: a/b\r\n\r\n",
	 "400 Content-Type stands twice"},
	{"other fields may stand twice",
	 GET "If-Match: a\r\nIf-Match: b\r\n\r\n",
	 "GET /?@ 1.1 none 0 {Host=a|If-Match=a|If-Match=b|} []\n"},
};

static const struct row responses[] = {
	{"a response is a line, fields and an empty line",
	 "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 2\r\n\r\nok",
	 "200 OK 1.1 length 2 {X=y|Content-Length=2|} [ok]\n"},
	{"responses follow one another",
	 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
	 "200 OK 1.1 length 0 {Content-Length=0|} []\n"
	 "204 No 1.1 none 0 {} []\n"},
	{"a response without a length lasts until the connection closes",
	 "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
	 "200 OK 1.1 until close 0 closes {} [HTTP/1.1 200 OK\r\n\r\n"},
	{"a reason may be empty", "HTTP/1.1 304 \r\n\r\n",
	 "304  1.1 none 0 {} []\n"},
	{"a reason may be absent", "HTTP/1.1 304\r\n\r\n",
	 "304  1.1 none 0 {} []\n"},
	{"a reason has blanks and bytes above 0x7f",
	 "HTTP/1.1 304  a\t\xff \r\n\r\n", "304  a\t\xff  1.1 none 0 {} []\n"},
	{"100 has no body, and another response follows",
	 "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
	 "100 Continue 1.1 none 0 {} []\n204 No 1.1 none 0 {} []\n"},
	{"101 has no body, and no response follows",
	 "HTTP/1.1 101 S\r\nContent-Length: 3\r\n\r\nabc",
	 "101 S 1.1 none 3 closes {Content-Length=3|} []\n"},
	{"304 has no body, whatever it announces",
	 "HTTP/1.1 304 N\r\nContent-Length: 3\r\n\r\nHTTP/1.1 204 N\r\n\r\n",
	 "304 N 1.1 none 3 {Content-Length=3|} []\n204 N 1.1 none 0 {} []\n"},
	{"HTTP/1.0 closes", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
	 "200 OK 1.0 length 0 closes {Content-Length=0|} []\n"},
	{"chunks are put together",
	 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	 "2\r\nok\r\n0\r\n\r\n",
	 "200 OK 1.1 chunked 0 {Transfer-Encoding=chunked|} [ok]\n"},
	{"codings that do not end in chunked last until the close",
	 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, cow\r\n\r\nok",
	 "200 OK 1.1 until close 0 closes {Transfer-Encoding=chunked, cow|} "
	 "[ok"},
	{"chunked twice is refused",
	 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
	 "502 Transfer-Encoding has chunked before its end"},
	{"Content-Length and Transfer-Encoding together are refused",
	 "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked"
	 "\r\n\r\n", "502 both Content-Length and Transfer-Encoding"},
	{"a second length is refused",
	 "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
	 "502 Content-Length stands twice"},
	{"two Hosts in a response are nothing",
	 "HTTP/1.1 204 N\r\n" H H "Expect: x\r\n\r\n", "204 N 1.1 none 0 {"},
	{"a response that is not HTTP is refused", "ICY 200 OK\r\n\r\n",
	 "502 the version is not HTTP/1.0 or HTTP/1.1"},
	{"a short line is refused", "HTTP/1.\r\n\r\n",
	 "502 the version is not HTTP/1.0 or HTTP/1.1"},
	{"HTTP/2.0 is refused", "HTTP/2.0 200 OK\r\n\r\n",
	 "502 the version is above HTTP/1.1"},
	{"a tab behind the version is refused", "HTTP/1.1\t200 OK\r\n\r\n",
	 "502 the status line is not VERSION STATUS REASON"},
	{"two blanks behind the version are refused",
	 "HTTP/1.1  200 OK\r\n\r\n",
	 "502 the status line is not VERSION STATUS REASON"},
	{"a status has three digits", "HTTP/1.1 20 OK\r\n\r\n",
	 "502 the status line is not VERSION STATUS REASON"},
	{"a status has no more than three digits", "HTTP/1.1 2000 OK\r\n\r\n",
	 "502 the status line is not VERSION STATUS REASON"},
	{"a status begins with 1 at least", "HTTP/1.1 099 OK\r\n\r\n",
	 "502 the status line is not VERSION STATUS REASON"},
	{"a status has digits alone", "HTTP/1.1 2x0 OK\r\n\r\n",
	 "502 the status line is not VERSION STATUS REASON"},
	{"a mark is no digit", "HTTP/1.1 2!0 OK\r\n\r\n",
	 "502 the status line is not VERSION STATUS REASON"},
	{"a version alone is refused", "HTTP/1.1\r\n\r\n",
	 "502 the status line is not VERSION STATUS REASON"},
	{"a control byte is refused", "HTTP/1.1 200 \x1b[31m\r\n\r\n",
	 "502 there is a control byte"},
	{"an empty line before a response is skipped", END
	 "HTTP/1.1 204 N\r\n\r\n", "204 N 1.1 none 0 {} []\n"},
};

static const struct row to_head[] = {
	{"a response to HEAD has no body, whatever it announces",
	 "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\n"
	 "Transfer-Encoding: chunked\r\n\r\nHTTP/1.1 404 No\r\n\r\n",
	 "200 OK 1.1 none 9 {Content-Length=9|} []\n"
	 "200 OK 1.1 none 0 {Transfer-Encoding=chunked|} []\n"
	 "404 No 1.1 none 0 {} []\n"},
};

static void
test_rows(const struct row *rows, size_t n, struct conversation *c)
{
	for (size_t i = 0; i < n; i++) {
		struct aqi_slice bytes = aqi_slice_of(rows[i].bytes);
		const char *wanted = rows[i].wanted;
		size_t n_wanted = strlen(wanted);
		bool is_part = strchr("{[", wanted[n_wanted - 1]), is_right;

		is_right = converse_alike(c, bytes) &&
			   strncmp(c->text.data, wanted, n_wanted) == 0 &&
			   (is_part || !c->text.data[n_wanted]);
		if (!ok(is_right, "%s", rows[i].sentence))
			note("read %s", c->text.data);
	}
}

/* A head with n fields, or with a line or a size as wanted. */
static unsigned
status_with(struct aqi_http_limits limits, const char *format, int n)
{
	struct conversation c = {.limits = limits};
	static char line[10000], text[20000];
	struct aqi_slice bytes = {text, 0};
	unsigned refused;

	memset(line, 'x', sizeof line - 1);
	bytes.size = (size_t)snprintf(text, sizeof text, format, n, line);
	refused = converse_alike(&c, bytes) ? c.refused : 1;
	aqi_buffer_free(&c.text);
	return refused;
}

static void
test_limits(void)
{
	struct aqi_http_limits limits = {30, 100, 3};
	const char *line = "GET /%.*s HTTP/1.1\r\n" H END;
	const char *unfinished = "GET /%.*s";
	const char *head = "GET / HTTP/1.1\r\n" H "X: %.*s\r\n\r\n";
	const char *open = "GET / HTTP/1.1\r\n" H "X: %.*s";
	const char *three = "GET / HTTP/1.1\r\n" H "X: %.*s\r\nY:\r\n\r\n";
	const char *four = "GET / HTTP/1.1\r\n" H "X: %.*s\r\nY:\r\nZ:\r\n\r\n";

	ok(status_with(limits, line, 16) == 0 &&
	   status_with(limits, line, 17) == 414,
	   "a request line at its limit is read, one byte more is 414");
	ok(status_with(limits, unfinished, 25) == 0 &&
	   status_with(limits, unfinished, 26) == 414 &&
	   status_with(limits, unfinished, 2000) == 414,
	   "so it is before the line has ended");
	ok(status_with(limits, head, 68) == 0 &&
	   status_with(limits, head, 69) == 431,
	   "a head at its limit is read, one byte more is 431");
	ok(status_with(limits, open, 71) == 0 &&
	   status_with(limits, open, 72) == 431 &&
	   status_with(limits, open, 2000) == 431,
	   "so it is before the head has ended");
	ok(status_with(limits, three, 1) == 0 &&
	   status_with(limits, four, 1) == 431,
	   "as many fields as the limit are read, one more is 431");
	limits = AQI_HTTP_LIMITS;
	ok(limits.line == 8192 && limits.head == 32768 && limits.fields == 100,
	   "the limits are 8 KiB, 32 KiB and 100 fields");
	ok(status_with(limits, line, 8178) == 0 &&
	   status_with(limits, line, 8179) == 414, "8 KiB are sharp");
}

/* What a slow client costs: the bytes looked at, by the time of many. */
static void
test_progress(void)
{
	struct aqi_http_limits limits = AQI_HTTP_LIMITS;
	struct aqi_http_progress progress = {0};
	static struct aqi_http_head head;
	static char text[32768] = GET "X: ";
	size_t n = strlen(text), early = 0;
	struct aqi_http_fault fault;

	memset(text + n, 'y', sizeof text - n);
	memcpy(text + sizeof text - 4, "\r\n\r\n", 4);
	for (size_t size = 0; size < sizeof text; size++) {
		early += aqi_http_read_request((struct aqi_slice){text, size},
			&progress, &limits, &head, &fault) != AQI_END;
		early += progress.at + 1 < size;
	}
	ok(early == 0, "no byte of a head is looked at twice while it comes");
	ok(aqi_http_read_request((struct aqi_slice){text, sizeof text},
				 &progress, &limits, &head, &fault) == AQI_OK &&
	   head.size == sizeof text && head.n_fields == 2,
	   "a head that came byte by byte is whole with its last");
	ok(progress.at == 0 && progress.line == 0 && progress.n_lines == 0,
	   "and progress is ready for the next");
}

static void
test_find(void)
{
	const char *text = GET "X-Key: 1\r\nx-key: 2\r\nEmpty:\r\n\r\n";
	struct aqi_http_limits limits = AQI_HTTP_LIMITS;
	struct aqi_http_progress progress = {0};
	static struct aqi_http_head head;
	struct aqi_http_fault fault;
	struct aqi_slice list = aqi_slice_of("a,\tb ,,c");

	ok(aqi_http_read_request(aqi_slice_of(text), &progress, &limits, &head,
				 &fault) == AQI_OK &&
	   aqi_slice_is(aqi_http_find(&head, "x-key"), "1"),
	   "the first field of a name is found, in any case");
	ok(!aqi_http_find(&head, "x-ke").data &&
	   !aqi_http_find(&head, "x-keys").data &&
	   aqi_http_find(&head, "empty").data,
	   "no field has no data, an empty one has");
	ok(aqi_http_read_request(aqi_slice_of(GET END), &progress, &limits,
				 &head, &fault) == AQI_OK &&
	   !aqi_http_find(&head, "x-key").data,
	   "a field of an earlier head is not found");
	ok(aqi_slice_is(aqi_http_next_element(&list), "a") &&
	   aqi_slice_is(aqi_http_next_element(&list), "b") &&
	   aqi_slice_is(aqi_http_next_element(&list), "") &&
	   aqi_slice_is(aqi_http_next_element(&list), "c") &&
	   !aqi_http_next_element(&list).data &&
	   !aqi_http_next_element(&list).data,
	   "a list is taken apart at its commas");
}

/* Which bytes may stand where, against lists written another way. */
static void
test_bytes(void)
{
	struct conversation c = {.limits = AQI_HTTP_LIMITS};
	size_t n_bad[4] = {0};

	for (int b = 0; b < 256; b++) {
		static const char *const formats[] = {
			"G%cT / HTTP/1.1\r\nHost: a\r\n\r\n",
			"GET /%c HTTP/1.1\r\nHost: a\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: a\r\nX%c: y\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: a\r\nX: y%cz\r\n\r\n"};
		bool is_letter = (b >= 'A' && b <= 'Z') ||
				 (b >= 'a' && b <= 'z');
		bool may[4] = {
			b && strchr("-_ABCDEFGHIJKLMNOPQRSTUVWXYZ", b),
			b > ' ' && b != 0x7f && b != '#',
			b && (is_letter || strchr("0123456789:!#$%&'*+-.^_`|~",
						  b)),
			b >= ' ' ? b != 0x7f : b == '\t'};

		for (int k = 0; k < 4; k++) {
			char text[100];
			int n = snprintf(text, sizeof text, formats[k], b);

			n_bad[k] += !converse_alike(&c, (struct aqi_slice){text,
						    (size_t)n}) ||
				    (c.n_messages == 1) != may[k];
		}
	}
	ok(n_bad[0] == 0, "of 256 bytes, 28 may stand in a method");
	ok(n_bad[1] == 0, "of 256 bytes, 221 may stand in a target");
	ok(n_bad[2] == 0, "of 256 bytes, 77 may stand in a name, and a colon "
	   "ends it");
	ok(n_bad[3] == 0, "of 256 bytes, 224 may stand in a value");
	aqi_buffer_free(&c.text);
}

int
main(void)
{
	struct conversation c = {.limits = AQI_HTTP_LIMITS};

	test_rows(requests, sizeof requests / sizeof *requests, &c);
	c.is_response = true;
	test_rows(responses, sizeof responses / sizeof *responses, &c);
	c.to_head = true;
	test_rows(to_head, sizeof to_head / sizeof *to_head, &c);
	aqi_buffer_free(&c.text);
	test_limits();
	test_progress();
	test_find();
	test_bytes();
	return done();
}
