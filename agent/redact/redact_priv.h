/* SPDX-License-Identifier: MIT */
/* What the parts of this room share: the words learnt, the text scanner, the tables. */
#ifndef ESPDIAG_AGENT_REDACT_PRIV_H
#define ESPDIAG_AGENT_REDACT_PRIV_H

#include "espdiag/base/arena.h"
#include "espdiag/base/limits.h"
#include "espdiag/redact/redact.h"
#include "espdiag/xml/xml.h"

#define REDACT_WORD_BYTES 512  /* longest value that is learnt */
#define REDACT_SCAN_DEPTH 4    /* text in base64 in text ... */
#define REDACT_ESCAPE_ROUNDS 3 /* escapes within escapes of one text */
#define REDACT_FILLERS 40      /* blanks and quotes between a name, its separator and its value */
#define REDACT_SECRET_TEXT "[secret]"
#define REDACT_TEXT_TEXT "[text]"

/* ---- tables ---- */

enum name_flag {
	NAME_LABEL = 1,
	NAME_SUFFIX = 2,
	NAME_ANY = 4,
	NAME_TOKEN = 8,
	NAME_SWITCH = 16,
	NAME_LINE = 32,
	NAME_GUID = 64,
	NAME_PLAIN = 128,
	NAME_QUERY = 256,
};

struct name_row {
	struct ed_str name;
	enum ed_redact_kind kind;
	unsigned flags;
};

extern const struct name_row name_rows[];
extern const size_t name_row_count;
extern const char *const stop_words[];
extern const size_t stop_word_count;

/* NULL when the table does not know @name; case, blanks and punctuation do not matter. */
const struct name_row *name_find(struct ed_str name);
/* Whether what stands in a field of that row is to be replaced at all. */
bool name_fits(const struct name_row *row, struct ed_str value);
/* ED_REDACT_KINDS: no row. */
enum ed_redact_kind event_field_kind(struct ed_str provider, uint32_t id, struct ed_str field);
/* Whether any row of events takes a field of that name for a secret. */
bool is_event_secret(struct ed_str field);
/* The names of those fields by number; false behind the last one. */
bool event_secret(size_t i, struct ed_str *name);
enum ed_redact_kind key_value_kind(struct ed_str key, struct ed_str name);
/* The first component of @key that a row names, from @from on; SIZE_MAX none. */
size_t key_part_find(struct ed_str key, size_t from, size_t *end, enum ed_redact_kind *kind);
/* True when @list, sorted without ASCII case, has @word. */
bool is_listed(struct ed_str word, const char *const *list, size_t count);
bool is_stop_word(struct ed_str word);
bool is_kept_guid(struct ed_str guid);
/* It, or a domain above it. */
bool is_kept_domain(struct ed_str domain);

/* ---- shapes ---- */

enum byte_class {
	BYTE_DIGIT = 1,
	BYTE_ALPHA = 2,
	BYTE_HEX = 4,
	BYTE_SPACE = 8,
	BYTE_RUN = 16,
	BYTE_BASE64 = 32 /* of either alphabet */
};

/* What each byte is, as it is asked of every byte of every text. */
extern const unsigned char byte_classes[256];

static inline bool byte_is(char c, unsigned classes)
{
	return (byte_classes[(unsigned char)c] & classes) != 0;
}
static inline bool byte_is_digit(char c)
{
	return byte_is(c, BYTE_DIGIT);
}
static inline bool byte_is_hex(char c)
{
	return byte_is(c, BYTE_HEX);
}
static inline bool byte_is_alpha(char c)
{
	return byte_is(c, BYTE_ALPHA);
}
/* ASCII letter or digit */
static inline bool byte_is_word(char c)
{
	return byte_is(c, BYTE_ALPHA | BYTE_DIGIT);
}
static inline bool is_base64_either(char c)
{
	return byte_is(c, BYTE_BASE64);
}
static inline bool byte_is_space(char c)
{
	return byte_is(c, BYTE_SPACE);
}
static inline char byte_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}
int byte_hex(char c); /* -1 */
/* 36 characters, without braces. */
bool is_guid(struct ed_str s);
/* The SID of an account, not one that is the same everywhere. */
bool is_account_sid(struct ed_str s);
bool is_email(struct ed_str s);
/* Characters of e-mail addresses, beyond letters and digits of any script. */
bool byte_is_local(char c);

/* ---- words learnt ---- */

struct dict_word {
	struct ed_str text; /* ASCII lower case */
	enum ed_redact_kind kind;
};

struct dict_node {
	uint32_t parent, fail, out, word, child, next, depth;
	unsigned char byte;
};

/* Words, and an automaton that finds all of them in one pass. */
struct dict {
	struct ed_arena *arena;
	struct dict_word *words;
	size_t word_count, word_cap;
	uint32_t *index; /* by hash of the text: word + 1 */
	size_t index_cap;
	struct dict_node *nodes;
	size_t node_count;
	uint32_t *edges; /* by hash of node and byte: the child */
	size_t edge_cap;
	uint32_t root[256];
	bool built;
	bool has_guids; /* among the words */
};

struct dict_walk {
	const struct dict *dict;
	struct ed_str text;
	size_t pos;
	uint32_t state;
	size_t least; /* shorter words do not count */
};

void dict_release(struct dict *dict);
/* ED_OK also when it was there; the kind it had stays. ED_NOMEM, ED_LIMIT. */
ed_status dict_add(struct dict *dict, enum ed_redact_kind kind, struct ed_str lower);
/* NULL when it is not there. */
const struct dict_word *dict_get(const struct dict *dict, struct ed_str lower);
/* Makes the automaton if words were added since. */
ed_status dict_build(struct dict *dict);
/* The next word at word boundaries: leftmost, then longest. */
bool dict_next(struct dict_walk *walk, size_t *from, size_t *to, const struct dict_word **word);

/* ---- the redactor ---- */

struct doubt;

struct pseudonym {
	struct ed_str value; /* lower case */
	struct ed_str text;
	enum ed_redact_kind kind;
	bool issued; /* @value is itself a pseudonym: left as it is when seen again */
};

struct span {
	size_t from, to;   /* of the source */
	size_t text, size; /* of the replacement, in scratch.texts */
	enum ed_redact_kind kind;
};

/* Memory of one level of nesting, kept between calls. */
struct scratch {
	struct span *spans;
	size_t span_count, span_cap;
	struct ed_buf texts;
	struct ed_buf view[2];
	uint32_t *map[2];
	size_t map_cap[2];
	struct ed_buf bytes, run;
};

#define JOINT_PIECE 96 /* letters of seven groups, with what is between them */

/* Groups of a recovery password in values one behind the other. */
struct joint {
	struct {
		char text[JOINT_PIECE];
		size_t len;
	} pieces[8];
	size_t count;
	unsigned values[16];
	size_t groups;
	size_t passed; /* values since the last piece */
};

struct ed_redactor {
	enum ed_redact_level level;
	unsigned char key[ED_REDACT_KEY_BYTES];
	uint64_t counts[ED_REDACT_KINDS];
	struct ed_arena arena;
	struct dict dict;
	struct pseudonym *names;
	size_t name_count, name_cap;
	uint32_t *name_index;
	size_t name_index_cap;
	struct ed_str *sids; /* learnt, sorted at the first use */
	size_t sid_count, sid_cap;
	bool sids_sorted;
	struct scratch scratch[REDACT_SCAN_DEPTH];
	struct joint joint;
	bool has_pieces; /* short numbers are among the words */
	struct ed_xml *xml;
	struct doubt *doubt; /* NULL: values are not asked about one by one */
	struct ed_buf value; /* of a form's value, decoded */
	struct ed_buf clean; /* the same, redacted */
	ed_status status;    /* ED_OK, or why this call cannot go on; sticks */
};

void redactor_fail(struct ed_redactor *r, ed_status status);
/* True when @kind is replaced at this level. */
bool redactor_wants(const struct ed_redactor *r, enum ed_redact_kind kind);
/* Notes @value as an identity or secret; what is too short or too common is passed over. */
void redactor_note(struct ed_redactor *r, enum ed_redact_kind kind, struct ed_str value);
/* Pseudonym of @value, valid until the redactor is freed; { NULL, 0 } on failure. */
struct ed_str redactor_pseudonym(struct ed_redactor *r, enum ed_redact_kind kind,
				 struct ed_str value);
/* @value is one that redactor_pseudonym gave. */
bool redactor_issued(const struct ed_redactor *r, struct ed_str value);

/* ---- recovery passwords in pieces ---- */

static inline bool recovery_group(unsigned value)
{
	return value % 11 == 0 && value < 720896;
}
/* Whether @count right groups are a password's: rows of zeros and round numbers are right, too. */
bool recovery_groups(const unsigned *values, size_t count);
/* What comes is no neighbour of what was. */
void joint_reset(struct joint *joint);
/* First pass: the next value. */
void joint_learn(struct ed_redactor *r, struct ed_str value);

/* ---- text ---- */

enum scan_flag {
	SCAN_LEARN = 1,      /* first pass: nothing is replaced */
	SCAN_SECRETS = 2,    /* no identities */
	SCAN_VERSION = 4,    /* four numbers with dots are a version */
	SCAN_ADDRESS = 8,    /* they are an address */
	SCAN_BINARY = 16,    /* letters found among bytes that are no text */
	SCAN_NO_LABELS = 32, /* a name, not a sentence: labels and words tell of secrets only */
};

/* One text, or one decoded view of it, as the detectors see it. */
struct scan {
	struct ed_redactor *r;
	struct scratch *scratch;
	struct ed_str text;
	const uint32_t *map; /* offset in the source of each byte; NULL: the source itself */
	unsigned flags;
	int depth;
};

/* [from, to) of the view is of that kind. */
void scan_hit(struct scan *s, enum ed_redact_kind kind, size_t from, size_t to);
/* The same with its replacement already made. */
void scan_replace(struct scan *s, enum ed_redact_kind kind, size_t from, size_t to,
		  struct ed_str text);
/* One pass over the text for everything that is known by its shape or its label. */
void detect_shapes(struct scan *s);
/* Numbers: each is told the offset at which a word begins, and returns where it ended, or @i. */
size_t detect_number(struct scan *s, size_t i);
/* Addresses that begin at @i, likewise. */
size_t detect_ipv4(struct scan *s, size_t i);
size_t detect_ipv6(struct scan *s, size_t i);
size_t detect_mac(struct scan *s, size_t i);
/* A label ends before the separator at @i. Returns where its value ended, or @i + 1. */
size_t detect_label(struct scan *s, size_t i);
/* A switch begins at the '-' or '/' at @i. */
size_t detect_switch(struct scan *s, size_t i);
/* Words that a secret follows: "Bearer x", "net use". @i is a word's start. */
size_t detect_word(struct scan *s, size_t i);
/* Words that an identity follows or is: "CN=", "tenant", "DESKTOP-1234567". */
size_t detect_identity_word(struct scan *s, size_t i);
/* The server of "\\\\server\\share" at @i. */
size_t detect_server(struct scan *s, size_t i);
/* A tenant's name before the dot at @dot. */
size_t detect_tenant_domain(struct scan *s, size_t dot);
/* The serial number in a row of comma-separated values whose hash begins at @hash. */
void detect_hash_row(struct scan *s, size_t hash);
/* Where the token [@from, @to) ends when what the next lines begin with belongs to it. */
size_t folded_end(struct ed_str t, size_t from, size_t to);
/* Long runs: tokens, hex, base64. */
void detect_runs(struct scan *s);

/* Appends @text redacted to @out (untouched on SCAN_LEARN). Returns the replacements. */
size_t redact_text(struct ed_redactor *r, struct ed_str text, unsigned flags, int depth,
		   struct ed_buf *out);
/*
 * The same, but only [@from, *to) of it comes out: the rest is there to be seen. *to moves behind
 * what goes over it.
 */
size_t redact_window(struct ed_redactor *r, struct ed_str text, size_t from, size_t *to,
		     unsigned flags, int depth, struct ed_buf *out);
/* Lines, in blocks, so that what is kept for a text stays small. */
size_t redact_lines(struct ed_redactor *r, struct ed_str text, bool learn, struct ed_buf *out);
/* Bytes that may hold text in UTF-8 or UTF-16, whole or in parts. */
size_t redact_bytes(struct ed_redactor *r, struct ed_str bytes, unsigned flags, int depth,
		    struct ed_buf *out);
/*
 * An account's SID, or a GUID that was learnt, as bytes at @i: appends other ones (learns on
 * SCAN_LEARN). Returns how many bytes it was; 0: none.
 */
size_t redact_binary_at(struct ed_redactor *r, struct ed_str bytes, size_t i, unsigned flags,
			struct ed_buf *out);
/* A value whose field says what it is. */
size_t redact_typed(struct ed_redactor *r, enum ed_redact_kind kind, struct ed_str value,
		    unsigned flags, struct ed_buf *out);
/* Text that may be a secret as a whole, since a policy set it: what of it can be none stays. */
size_t redact_policy(struct ed_redactor *r, struct ed_str value, unsigned flags,
		     struct ed_buf *out);
/* A value of a field of that name: typed where the table knows it, else text. */
size_t redact_named(struct ed_redactor *r, struct ed_str name, struct ed_str value, unsigned flags,
		    struct ed_buf *out);
/* A field of an event: as the table of events says, else as its name does. */
size_t redact_field(struct ed_redactor *r, const struct ed_event_head *event, struct ed_str name,
		    struct ed_str value, unsigned flags, struct ed_buf *out);
/* -1: none. */
int base64_value(char c);
/* Base64 being decoded; zeros at first. */
struct base64 {
	uint32_t bits;
	int have;
};
/* Whether @c, where it is a digit at all, completes a byte. */
static inline bool base64_take(struct base64 *b, char c, unsigned char *byte)
{
	int v = base64_value(c);

	if (v < 0)
		return false;
	b->bits = b->bits << 6 | (uint32_t)v;
	b->have += 6;
	if (b->have < 8)
		return false;
	b->have -= 8;
	*byte = (unsigned char)(b->bits >> b->have & 255);
	return true;
}
/* JSON web tokens, refresh tokens and what is made of them, by how they begin. */
bool is_token_run(struct ed_str run);
/* Where a JSON web token begins in @run: "eyJ", a first part that is text, and a second one, each
 * of some length; SIZE_MAX: nowhere. */
size_t find_jwt(struct ed_str run);
/* True for the beginning of a private key in DER or of a key blob. */
bool is_private_key(const unsigned char *p, size_t n);
bool is_certificate(const unsigned char *p, size_t n);
void utf16_append(struct ed_buf *out, struct ed_str utf8);
/* Appends @bytes as pairs of digits, @between them if it is not 0. */
void hex_encode(struct ed_str bytes, bool upper, char between, struct ed_buf *out);

/* Text of two bytes a letter, the same the other way round, text of one, or none. */
enum bytes_kind { BYTES_WIDE, BYTES_TURNED, BYTES_NARROW, BYTES_NONE };

/* What of @bytes begins at @i; *n: how many they are. @utf8: all of them are UTF-8. */
enum bytes_kind bytes_part(struct ed_str bytes, size_t i, bool utf8, size_t *n);

/* Of a tag with attributes that ends at @i: its name, without a prefix; empty: none. */
struct ed_str tag_name(struct ed_str t, size_t i);
/* The name of the parameter of an address whose '=' is at @i, likewise. */
struct ed_str query_name(struct ed_str t, size_t i);
/* Where what follows "-u", "--user" or "--proxy-user" at @i begins, and may be "name:password"; @i:
 * it is no such switch. */
size_t credentials_begin(struct ed_str t, size_t i);
/* "name:password", and no address, path, time or pair of numbers. */
bool is_credentials(struct ed_str v);

/* ---- doubt ---- */

#define REDACT_MASKS 6

/* What is known of values that are asked about by the ten thousand. False when out of memory. */
bool doubt_new(struct doubt **doubt);
/* NULL is harmless. */
void doubt_free(struct doubt *doubt);
/* Whether @text may hold a secret: at least where the scanner finds one. */
bool redact_doubts(struct ed_redactor *r, struct ed_str text);
/* The same of @text, which is readable up to a multiple of sixteen bytes, with zeros behind it. */
bool text_doubt(const struct doubt *d, struct ed_str text, unsigned depth);
/* Decimal digits in a row, two a byte, as many as a recovery password has. */
bool has_packed_digits(struct ed_str bytes);
/* Whether bytes may hold text with a secret, or a key. */
bool bytes_doubt(const struct doubt *d, struct ed_str bytes, unsigned depth);
/* Whether the row of base64 or hex digits around @at, or of pairs of them from @at on, may. */
bool code_doubt(const struct doubt *d, struct ed_str text, size_t at, unsigned depth);
bool pairs_doubt(const struct doubt *d, struct ed_str text, size_t at);
/* Whether a run of base64 would be found to be text, or a key. */
bool base64_doubt(const struct doubt *d, struct ed_str text, size_t from, size_t to,
		  unsigned depth);
/* Whether a row is base64 that is long enough only with the padding at @at behind it, and so on. */
bool padding_doubt(const struct doubt *d, struct ed_str text, size_t at, unsigned depth);
/* Whether the run around @at may be a token. */
bool token_doubt(struct ed_str text, size_t at);
/* The letter of "\n" and the like, which may be the end of a line: something begins behind it. */
bool is_line_end(struct ed_str text, size_t i);
/*
 * Bits of the classes of up to 64 bytes at @p, for tests: word, hex, special, base64, run, blank.
 * Readable up to a multiple of sixteen, with zeros behind @n.
 */
void redact_masks(const char *p, size_t n, uint64_t out[REDACT_MASKS]);
void redact_masks_portable(const char *p, size_t n, uint64_t out[REDACT_MASKS]);

/* STRICT: what is no code, number, id or known word of @text becomes [text]. */
size_t strict_text(struct ed_redactor *r, struct ed_str text, struct ed_buf *out);

/* ---- forms ---- */

/* @learn: the first pass. Failures in r->status. Each returns the replacements. */
size_t form_text(struct ed_redactor *r, struct ed_str bytes, bool learn, struct ed_buf *out);
size_t form_events(struct ed_redactor *r, struct ed_str bytes, bool learn, struct ed_buf *out);
size_t form_reg(struct ed_redactor *r, struct ed_str bytes, bool learn, struct ed_buf *out);
/* @own: the program wrote it itself, so its names are kept, and what is one of its words. */
size_t form_json(struct ed_redactor *r, struct ed_str bytes, bool own, bool learn,
		 struct ed_buf *out);
/* The line of JSON that @event was printed as; NULL: any JSON. */
size_t form_event_json(struct ed_redactor *r, const struct ed_event_head *event,
		       struct ed_str bytes, struct ed_buf *out);

#endif
