/* SPDX-License-Identifier: MIT */
/* Reads the text file behind the WMI double. */
#include "wbem_double.h"

#include <stdlib.h>
#include <string.h>

/* "no such class", as Windows says it: not at the query but at its first row */
const struct double_class double_no_class = { .behave = { .result = WBEM_E_INVALID_CLASS } };

struct reading {
	struct double_model *model;
	struct double_namespace *in_namespace;
	struct double_class *in_class;
	struct double_method *in_method;
	size_t line;
};

static void wrong(const struct reading *r, const char *what)
{
	fprintf(stderr, "wbem double: line %u: %s\n", (unsigned)r->line, what);
	abort();
}

static void *grown(const struct reading *r, void *old, size_t count, size_t size)
{
	char *p = realloc(old, (count + 1) * size);

	if (!p)
		wrong(r, "out of memory");
	memset(p + count * size, 0, size);
	return p;
}

/* The next word, or the rest of the line; both without the blanks around. */
static char *word(char **rest)
{
	char *p = *rest + strspn(*rest, " \t");
	size_t n = strcspn(p, " \t");

	*rest = p + n;
	if (**rest)
		*(*rest)++ = '\0';
	*rest += strspn(*rest, " \t");
	return p;
}

static void set_name(const struct reading *r, char *name, const char *from)
{
	if (!*from || strlen(from) >= DOUBLE_NAME)
		wrong(r, "name missing or too long");
	snprintf(name, DOUBLE_NAME, "%s", from);
}

/* fail 0x80041003, hang, slow 300, private */
static void read_behave(const struct reading *r, char *rest, struct double_behave *b,
			bool *needs_privacy)
{
	while (*rest) {
		char *what = word(&rest);

		if (strcmp(what, "fail") == 0)
			b->result = (HRESULT)strtoul(word(&rest), NULL, 16);
		else if (strcmp(what, "hang") == 0)
			b->hang = true;
		else if (strcmp(what, "slow") == 0)
			b->slow_ms = strtoul(word(&rest), NULL, 10);
		else if (strcmp(what, "private") == 0 && needs_privacy)
			*needs_privacy = true;
		else
			wrong(r, "what is to happen is not known");
	}
}

static void read_value(const struct reading *r, struct double_values *v, char *rest)
{
	if (v->count == DOUBLE_VALUES)
		wrong(r, "too many values");
	set_name(r, v->values[v->count].name, word(&rest));
	if (!*rest || strlen(rest) >= DOUBLE_TEXT)
		wrong(r, "value missing or too long");
	snprintf(v->values[v->count++].text, DOUBLE_TEXT, "%s", rest);
}

static void read_namespace(struct reading *r, char *rest)
{
	struct double_model *m = r->model;

	m->namespaces = grown(r, m->namespaces, m->namespace_count, sizeof(*m->namespaces));
	r->in_namespace = &m->namespaces[m->namespace_count++];
	r->in_class = NULL;
	r->in_method = NULL;
	snprintf(r->in_namespace->name, DOUBLE_TEXT, "%s", word(&rest));
	read_behave(r, rest, &r->in_namespace->behave, &r->in_namespace->needs_privacy);
}

static void read_class(struct reading *r, char *rest)
{
	struct double_namespace *n = r->in_namespace;

	if (!n)
		wrong(r, "class outside a namespace");
	n->classes = grown(r, n->classes, n->class_count, sizeof(*n->classes));
	r->in_class = &n->classes[n->class_count++];
	r->in_method = NULL;
	set_name(r, r->in_class->name, word(&rest));
	read_behave(r, rest, &r->in_class->behave, NULL);
}

/* method NAME [when PARAMETER VALUE] [what happens] */
static void read_method(struct reading *r, char *rest)
{
	struct double_class *c = r->in_class;

	if (!c || c->method_count == DOUBLE_ITEMS)
		wrong(r, "method outside a class, or too many");
	r->in_method = &c->methods[c->method_count++];
	set_name(r, r->in_method->name, word(&rest));
	if (strncmp(rest, "when ", 5) == 0) {
		word(&rest);
		set_name(r, r->in_method->when.name, word(&rest));
		snprintf(r->in_method->when.text, DOUBLE_TEXT, "%s", word(&rest));
	}
	read_behave(r, rest, &r->in_method->behave, NULL);
}

static void read_line(struct reading *r, char *line)
{
	char *rest = line;
	char *what = word(&rest);

	if (!*what || *what == '#')
		return;
	if (strcmp(what, "namespace") == 0) {
		read_namespace(r, rest);
	} else if (strcmp(what, "class") == 0) {
		read_class(r, rest);
	} else if (strcmp(what, "method") == 0) {
		read_method(r, rest);
	} else if (strcmp(what, "instance") == 0) {
		if (!r->in_class || r->in_class->instance_count == DOUBLE_ITEMS)
			wrong(r, "instance outside a class, or too many");
		r->in_class->instance_count++;
		r->in_method = NULL;
	} else if (strcmp(what, "value") == 0) {
		if (r->in_method)
			read_value(r, &r->in_method->outs, rest);
		else if (r->in_class && r->in_class->instance_count)
			read_value(r, &r->in_class->instances[r->in_class->instance_count - 1],
				   rest);
		else
			wrong(r, "value outside an instance or method");
	} else {
		wrong(r, "not known");
	}
}

struct double_model *double_model_read(void)
{
	const char *path = getenv("ESPDIAG_DOUBLE_WMI");
	struct reading r = { .line = 0 };
	char line[DOUBLE_TEXT * 2];
	FILE *f;

	if (!path || !*path)
		return NULL;
	r.model = grown(&r, NULL, 0, sizeof(*r.model));
	r.model->references = 1;
	f = fopen(path, "rb");
	if (!f)
		wrong(&r, "cannot open the file");
	while (fgets(line, sizeof(line), f)) {
		r.line++;
		line[strcspn(line, "\r\n")] = '\0';
		read_line(&r, line);
	}
	fclose(f);
	return r.model;
}

struct double_model *double_model_hold(struct double_model *model)
{
	InterlockedIncrement(&model->references);
	return model;
}

void double_model_release(struct double_model *model)
{
	if (!model || InterlockedDecrement(&model->references))
		return;
	for (size_t i = 0; i < model->namespace_count; i++)
		free(model->namespaces[i].classes);
	free(model->namespaces);
	free(model);
}

const struct double_namespace *double_namespace_find(const struct double_model *model,
						     const char *name)
{
	for (size_t i = 0; i < model->namespace_count; i++)
		if (_stricmp(model->namespaces[i].name, name) == 0)
			return &model->namespaces[i];
	return NULL;
}

const struct double_class *double_class_find(const struct double_namespace *n, const char *name)
{
	for (size_t i = 0; i < n->class_count; i++)
		if (_stricmp(n->classes[i].name, name) == 0)
			return &n->classes[i];
	return NULL;
}

const struct double_method *double_method_find(const struct double_class *c, const char *name,
					       const struct double_value *in, size_t in_count)
{
	const struct double_method *found = NULL;

	for (size_t i = 0; i < c->method_count; i++) {
		const struct double_method *m = &c->methods[i];

		if (_stricmp(m->name, name) != 0)
			continue;
		if (!*m->when.name && !found)
			found = m;
		for (size_t p = 0; p < in_count; p++)
			if (_stricmp(m->when.name, in[p].name) == 0 &&
			    strcmp(m->when.text, in[p].text) == 0)
				return m;
		if (!in && !found)
			found = m; /* asked whether it is there at all */
	}
	return found;
}

void double_narrow(const wchar_t *wide, char *out, size_t cap)
{
	if (!WideCharToMultiByte(CP_UTF8, 0, wide, -1, out, (int)cap, NULL, NULL)) {
		fprintf(stderr, "wbem double: text too long\n");
		abort();
	}
}

BSTR double_wide(const char *text)
{
	wchar_t wide[DOUBLE_TEXT];

	MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, DOUBLE_TEXT);
	return SysAllocString(wide);
}

/* [a b c] */
static void array_variant(const char *text, VARIANT *out)
{
	SAFEARRAY *array = SafeArrayCreateVector(VT_BSTR, 0, 0);
	char copy[DOUBLE_TEXT], *rest = copy;
	LONG count = 0;

	snprintf(copy, sizeof(copy), "%s", text + 1);
	copy[strcspn(copy, "]")] = '\0';
	while (array && *rest) {
		SAFEARRAYBOUND bound = { (ULONG)count + 1, 0 };
		BSTR item = double_wide(word(&rest));

		SafeArrayRedim(array, &bound);
		SafeArrayPutElement(array, &count, item);
		SysFreeString(item);
		count++;
	}
	V_VT(out) = VT_ARRAY | VT_BSTR;
	V_ARRAY(out) = array;
}

void double_variant(const struct double_value *value, VARIANT *out, CIMTYPE *type)
{
	const char *text = value->text;
	char inner[DOUBLE_TEXT];

	V_VT(out) = VT_NULL;
	*type = CIM_STRING;
	if (strcmp(text, "null") == 0)
		return;
	if (*text == '[') {
		*type = CIM_STRING | CIM_FLAG_ARRAY;
		array_variant(text, out);
	} else if (*text == '"') {
		snprintf(inner, sizeof(inner), "%s", text + 1);
		if (*inner)
			inner[strlen(inner) - 1] = '\0';
		V_VT(out) = VT_BSTR;
		V_BSTR(out) = double_wide(inner);
	} else if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
		*type = CIM_BOOLEAN;
		V_VT(out) = VT_BOOL;
		V_BOOL(out) = *text == 't' ? VARIANT_TRUE : VARIANT_FALSE;
	} else {
		*type = CIM_UINT32;
		V_VT(out) = VT_I4;
		V_I4(out) = (LONG)strtoul(text, NULL, 0);
	}
}

void double_log(const char *verb, const char *what)
{
	const char *path = getenv("ESPDIAG_DOUBLE_WMI_LOG");
	FILE *f = path && *path ? fopen(path, "ab") : NULL;

	if (!f)
		return;
	fprintf(f, "%s %s\n", verb, what);
	fclose(f);
}
