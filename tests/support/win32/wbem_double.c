/* SPDX-License-Identifier: MIT */
/*
 * A WMI of a text file, as an in-process COM server in place of WbemLocator, so that the unmodified
 * program can be tested under Wine. The file is named by ESPDIAG_DOUBLE_WMI; wbem_double.h says how
 * it is written. Everything that our program does not use answers E_NOTIMPL.
 */
#define COBJMACROS
#include "wbem_double.h"

#include "fault.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Objects count references; the vtable is the first member, as COM wants it. */
struct object {
	const void *vtable;
	LONG references;
	void (*destroy)(struct object *object);
};

/* S_OK, or what a call that is made to fail returns. */
static HRESULT step(void)
{
	return (HRESULT)fault_elsewhere((uint32_t)WBEM_E_FAILED);
}

static HRESULT WINAPI not_implemented(void)
{
	return E_NOTIMPL;
}

static ULONG WINAPI object_add(struct object *o)
{
	return (ULONG)InterlockedIncrement(&o->references);
}

static ULONG WINAPI object_release(struct object *o)
{
	LONG left = InterlockedDecrement(&o->references);

	if (!left)
		o->destroy(o);
	return (ULONG)left;
}

/* Every slot E_NOTIMPL: the caller cleans the stack on this system, so one function serves all. */
static void fill(void *vtable, size_t bytes)
{
	HRESULT(WINAPI * stub)(void) = not_implemented;

	for (size_t at = 0; at + sizeof(stub) <= bytes; at += sizeof(stub))
		memcpy((char *)vtable + at, &stub, sizeof(stub));
}

static void bad(const char *what)
{
	fprintf(stderr, "wbem double: %s\n", what);
	abort();
}

static void *make(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		bad("out of memory");
	return p;
}

/* Security: the level that the last blanket asked for, kept by each connection and enumerator. */
struct secured {
	struct object object; /* first */
	IClientSecurity security;
	DWORD level;
};

static struct secured *secured_of(IClientSecurity *s)
{
	return (struct secured *)(void *)((char *)s - offsetof(struct secured, security));
}

static HRESULT WINAPI security_query(IClientSecurity *s, REFIID iid, void **out)
{
	(void)iid;
	*out = s;
	object_add(&secured_of(s)->object);
	return S_OK;
}

static ULONG WINAPI security_add(IClientSecurity *s)
{
	return object_add(&secured_of(s)->object);
}

static ULONG WINAPI security_release(IClientSecurity *s)
{
	return object_release(&secured_of(s)->object);
}

static HRESULT WINAPI security_set(IClientSecurity *s, IUnknown *proxy, DWORD authn, DWORD authz,
				   OLECHAR *principal, DWORD level, DWORD impersonate,
				   void *identity, DWORD capabilities)
{
	if (FAILED(step()))
		return WBEM_E_FAILED;
	(void)proxy;
	(void)authn;
	(void)authz;
	(void)principal;
	(void)impersonate;
	(void)identity;
	(void)capabilities;
	secured_of(s)->level = level;
	return S_OK;
}

static IClientSecurityVtbl security_vtable;

static HRESULT secured_query(struct secured *o, REFIID iid, void **out)
{
	*out = IsEqualGUID(iid, &IID_IClientSecurity) ? (void *)&o->security : (void *)o;
	object_add(&o->object);
	return S_OK;
}

static void secured_init(struct secured *o, const void *vtable, void (*destroy)(struct object *))
{
	o->object = (struct object){ vtable, 1, destroy };
	o->security.lpVtbl = &security_vtable;
}

/* An instance, a class, the signature of a method, or in- and out-parameters. */
struct instance {
	struct object object;
	struct double_model *model;          /* shared, counted */
	const struct double_class *of_class; /* of a class object; else NULL */
	struct double_value values[DOUBLE_VALUES];
	size_t count, at;
};

static IWbemClassObjectVtbl instance_vtable;

static void instance_destroy(struct object *o)
{
	struct instance *i = (struct instance *)(void *)o;

	double_model_release(i->model);
	free(i);
}

static struct instance *instance_new(struct double_model *model)
{
	struct instance *i = make(sizeof(*i));

	i->object = (struct object){ &instance_vtable, 1, instance_destroy };
	i->model = double_model_hold(model);
	return i;
}

static HRESULT WINAPI instance_query(struct instance *i, REFIID iid, void **out)
{
	(void)iid;
	*out = i;
	object_add(&i->object);
	return S_OK;
}

static HRESULT WINAPI instance_put(struct instance *i, const wchar_t *name, LONG flags, VARIANT *v,
				   CIMTYPE type)
{
	struct double_value *value;

	if (FAILED(step()))
		return WBEM_E_FAILED;
	(void)flags;
	(void)type;
	if (i->count == DOUBLE_VALUES)
		bad("too many in-parameters");
	value = &i->values[i->count++];
	double_narrow(name, value->name, sizeof(value->name));
	if (V_VT(v) == VT_BSTR)
		double_narrow(V_BSTR(v), value->text, sizeof(value->text));
	else
		snprintf(value->text, sizeof(value->text), "%ld", (long)V_I4(v));
	return S_OK;
}

static HRESULT WINAPI instance_begin(struct instance *i, LONG flags)
{
	if (FAILED(step()))
		return WBEM_E_FAILED;
	(void)flags;
	i->at = 0;
	return S_OK;
}

static HRESULT WINAPI instance_next(struct instance *i, LONG flags, BSTR *name, VARIANT *value,
				    CIMTYPE *type, LONG *flavor)
{
	if (FAILED(step()))
		return WBEM_E_FAILED;
	(void)flags;
	(void)flavor;
	if (i->at == i->count)
		return WBEM_S_NO_MORE_DATA;
	*name = double_wide(i->values[i->at].name);
	double_variant(&i->values[i->at], value, type);
	i->at++;
	return S_OK;
}

static HRESULT WINAPI instance_end(struct instance *i)
{
	(void)i;
	return S_OK;
}

static HRESULT WINAPI instance_method(struct instance *i, const wchar_t *name, LONG flags,
				      IWbemClassObject **in, IWbemClassObject **out)
{
	char narrow[DOUBLE_TEXT];

	if (FAILED(step()))
		return WBEM_E_FAILED;
	(void)flags;
	double_narrow(name, narrow, sizeof(narrow));
	if (!i->of_class || !double_method_find(i->of_class, narrow, NULL, 0))
		return WBEM_E_NOT_FOUND;
	if (in)
		*in = (IWbemClassObject *)(void *)instance_new(i->model);
	if (out)
		*out = NULL;
	return S_OK;
}

static HRESULT WINAPI instance_spawn(struct instance *i, LONG flags, IWbemClassObject **out)
{
	if (FAILED(step()))
		return WBEM_E_FAILED;
	(void)flags;
	*out = (IWbemClassObject *)(void *)instance_new(i->model);
	return S_OK;
}

/* The rows of a query. */
struct rows {
	struct secured secured;
	struct double_model *model;
	const struct double_class *of_class;
	char wanted[DOUBLE_TEXT]; /* ",A,B," */
	size_t at;
	bool needs_privacy;
};

static IEnumWbemClassObjectVtbl rows_vtable;

static void rows_destroy(struct object *o)
{
	double_model_release(((struct rows *)(void *)o)->model);
	free(o);
}

static HRESULT WINAPI rows_query(struct rows *r, REFIID iid, void **out)
{
	return secured_query(&r->secured, iid, out);
}

static bool is_wanted(const struct rows *r, const char *name)
{
	char item[DOUBLE_TEXT + 2];

	snprintf(item, sizeof(item), ",%s,", name);
	return strstr(r->wanted, ",*,") || strstr(r->wanted, item);
}

static HRESULT WINAPI rows_next(struct rows *r, LONG timeout, ULONG count,
				IWbemClassObject **objects, ULONG *returned)
{
	const struct double_class *c = r->of_class;
	struct instance *i;

	if (FAILED(step()))
		return WBEM_E_FAILED;
	(void)count;
	*returned = 0;
	if (c->behave.hang || c->behave.slow_ms > (DWORD)timeout * 8) {
		Sleep(timeout < 0 ? INFINITE : (DWORD)timeout);
		return WBEM_S_TIMEDOUT;
	}
	Sleep(c->behave.slow_ms);
	if (FAILED(c->behave.result))
		return c->behave.result;
	if (r->needs_privacy && r->secured.level < RPC_C_AUTHN_LEVEL_PKT_PRIVACY)
		return WBEM_E_ACCESS_DENIED;
	if (r->at == c->instance_count)
		return WBEM_S_FALSE;
	i = instance_new(r->model);
	for (size_t v = 0; v < c->instances[r->at].count; v++)
		if (is_wanted(r, c->instances[r->at].values[v].name))
			i->values[i->count++] = c->instances[r->at].values[v];
	r->at++;
	*objects = (IWbemClassObject *)(void *)i;
	*returned = 1;
	return S_OK;
}

/* A connection. */
struct services {
	struct secured secured;
	struct double_model *model;
	const struct double_namespace *of_namespace;
};

static IWbemServicesVtbl services_vtable;

static void services_destroy(struct object *o)
{
	double_model_release(((struct services *)(void *)o)->model);
	free(o);
}

static HRESULT WINAPI services_query(struct services *s, REFIID iid, void **out)
{
	return secured_query(&s->secured, iid, out);
}

static bool too_open(const struct services *s)
{
	return s->of_namespace->needs_privacy && s->secured.level < RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
}

static HRESULT WINAPI services_object(struct services *s, const BSTR path, LONG flags,
				      IWbemContext *context, IWbemClassObject **out,
				      IWbemCallResult **call)
{
	char name[DOUBLE_TEXT];
	struct instance *i;

	if (FAILED(step()))
		return WBEM_E_FAILED;
	(void)flags;
	(void)context;
	(void)call;
	double_narrow(path, name, sizeof(name));
	if (too_open(s))
		return WBEM_E_ACCESS_DENIED;
	i = instance_new(s->model);
	i->of_class = double_class_find(s->of_namespace, name);
	if (!i->of_class) {
		object_release(&i->object);
		return WBEM_E_NOT_FOUND;
	}
	*out = (IWbemClassObject *)(void *)i;
	return S_OK;
}

/* Only "SELECT A,B FROM Class". */
static HRESULT WINAPI services_exec_query(struct services *s, const BSTR language, const BSTR wql,
					  LONG flags, IWbemContext *context,
					  IEnumWbemClassObject **out)
{
	char text[DOUBLE_TEXT], *from;
	struct rows *r;

	if (FAILED(step()))
		return WBEM_E_FAILED;
	(void)language;
	(void)flags;
	(void)context;
	double_narrow(wql, text, sizeof(text));
	double_log("query", text);
	from = strstr(text, " FROM ");
	if (strncmp(text, "SELECT ", 7) != 0 || !from)
		return WBEM_E_INVALID_QUERY;
	*from = '\0';
	r = make(sizeof(*r));
	secured_init(&r->secured, &rows_vtable, rows_destroy);
	r->secured.level = s->secured.level;
	r->needs_privacy = s->of_namespace->needs_privacy;
	r->model = double_model_hold(s->model);
	snprintf(r->wanted, sizeof(r->wanted), ",%s,", text + 7);
	r->of_class = double_class_find(s->of_namespace, from + 6);
	if (!r->of_class)
		r->of_class = &double_no_class;
	*out = (IEnumWbemClassObject *)(void *)r;
	return S_OK;
}

static HRESULT WINAPI services_exec_method(struct services *s, const BSTR path, const BSTR method,
					   LONG flags, IWbemContext *context, IWbemClassObject *in,
					   IWbemClassObject **out, IWbemCallResult **call)
{
	const struct instance *params = (const struct instance *)(void *)in;
	const struct double_class *c;
	const struct double_method *m;
	char object[DOUBLE_TEXT], name[DOUBLE_TEXT], log[DOUBLE_TEXT * 2 + 2];
	struct instance *i;

	if (FAILED(step()))
		return WBEM_E_FAILED;
	(void)flags;
	(void)context;
	(void)call;
	double_narrow(path, object, sizeof(object));
	double_narrow(method, name, sizeof(name));
	snprintf(log, sizeof(log), "%s %s", name, object);
	double_log("call", log);
	if (too_open(s))
		return WBEM_E_ACCESS_DENIED;
	object[strcspn(object, ".=")] = '\0';
	c = double_class_find(s->of_namespace, object);
	m = c ? double_method_find(c, name, params ? params->values : NULL,
				   params ? params->count : 0)
	      : NULL;
	if (!m)
		return c ? WBEM_E_INVALID_METHOD : WBEM_E_NOT_FOUND;
	if (m->behave.hang)
		Sleep(INFINITE);
	Sleep(m->behave.slow_ms);
	if (FAILED(m->behave.result))
		return m->behave.result;
	i = instance_new(s->model);
	memcpy(i->values, m->outs.values, sizeof(i->values));
	i->count = m->outs.count;
	*out = (IWbemClassObject *)(void *)i;
	return S_OK;
}

/* The locator, and its factory. */
static IWbemLocatorVtbl locator_vtable;
static IClassFactoryVtbl factory_vtable;

static void locator_destroy(struct object *o)
{
	free(o);
}

static HRESULT WINAPI plain_query(struct object *o, REFIID iid, void **out)
{
	(void)iid;
	*out = o;
	object_add(o);
	return S_OK;
}

static HRESULT WINAPI locator_connect(struct object *o, const BSTR name_space, const BSTR user,
				      const BSTR password, const BSTR locale, LONG flags,
				      const BSTR authority, IWbemContext *context,
				      IWbemServices **out)
{
	const struct double_namespace *n;
	struct double_model *model;
	struct services *s;
	char name[DOUBLE_TEXT];

	if (FAILED(step()))
		return WBEM_E_FAILED;
	model = double_model_read();
	(void)o;
	(void)user;
	(void)password;
	(void)locale;
	(void)flags;
	(void)authority;
	(void)context;
	double_narrow(name_space, name, sizeof(name));
	double_log("connect", name);
	n = model ? double_namespace_find(model, name) : NULL;
	if (!n) {
		double_model_release(model);
		return WBEM_E_INVALID_NAMESPACE;
	}
	if (n->behave.hang)
		Sleep(INFINITE);
	Sleep(n->behave.slow_ms);
	if (FAILED(n->behave.result)) {
		HRESULT result = n->behave.result;

		double_model_release(model);
		return result;
	}
	s = make(sizeof(*s));
	secured_init(&s->secured, &services_vtable, services_destroy);
	s->model = model;
	s->of_namespace = n;
	*out = (IWbemServices *)(void *)s;
	return S_OK;
}

static HRESULT WINAPI factory_create(IClassFactory *f, IUnknown *outer, REFIID iid, void **out)
{
	struct object *o = make(sizeof(*o));

	(void)f;
	(void)outer;
	(void)iid;
	*o = (struct object){ &locator_vtable, 1, locator_destroy };
	*out = o;
	return S_OK;
}

static ULONG WINAPI factory_count(IClassFactory *f)
{
	(void)f;
	return 1; /* static */
}

static HRESULT WINAPI factory_query(IClassFactory *f, REFIID iid, void **out)
{
	(void)iid;
	*out = f;
	return S_OK;
}

/* Slots are set by name; functions take our own structs for the interface's, so they are copied as
 * bytes. */
#define SLOT(table, name, function)                                                                \
	do {                                                                                       \
		void (*slot_)(void) = (void (*)(void))(function);                                  \
		memcpy(&(table).name, &slot_, sizeof(slot_));                                      \
	} while (0)
#define SLOTS_OF_OBJECT(table, query)                                                              \
	do {                                                                                       \
		fill(&(table), sizeof(table));                                                     \
		SLOT(table, QueryInterface, query);                                                \
		SLOT(table, AddRef, object_add);                                                   \
		SLOT(table, Release, object_release);                                              \
	} while (0)

static void fill_tables(void)
{
	SLOTS_OF_OBJECT(security_vtable, security_query);
	SLOT(security_vtable, AddRef, security_add);
	SLOT(security_vtable, Release, security_release);
	SLOT(security_vtable, SetBlanket, security_set);
	SLOTS_OF_OBJECT(instance_vtable, instance_query);
	SLOT(instance_vtable, Put, instance_put);
	SLOT(instance_vtable, BeginEnumeration, instance_begin);
	SLOT(instance_vtable, Next, instance_next);
	SLOT(instance_vtable, EndEnumeration, instance_end);
	SLOT(instance_vtable, GetMethod, instance_method);
	SLOT(instance_vtable, SpawnInstance, instance_spawn);
	SLOTS_OF_OBJECT(rows_vtable, rows_query);
	SLOT(rows_vtable, Next, rows_next);
	SLOTS_OF_OBJECT(services_vtable, services_query);
	SLOT(services_vtable, GetObject, services_object);
	SLOT(services_vtable, ExecQuery, services_exec_query);
	SLOT(services_vtable, ExecMethod, services_exec_method);
	SLOTS_OF_OBJECT(locator_vtable, plain_query);
	SLOT(locator_vtable, ConnectServer, locator_connect);
	SLOTS_OF_OBJECT(factory_vtable, factory_query);
	SLOT(factory_vtable, AddRef, factory_count);
	SLOT(factory_vtable, Release, factory_count);
	SLOT(factory_vtable, CreateInstance, factory_create);
}

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out);
HRESULT WINAPI DllCanUnloadNow(void);
BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out)
{
	static IClassFactory factory = { &factory_vtable };

	(void)clsid;
	(void)iid;
	*out = &factory;
	return S_OK;
}

HRESULT WINAPI DllCanUnloadNow(void)
{
	return S_FALSE;
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
	(void)instance;
	(void)reserved;
	if (reason == DLL_PROCESS_ATTACH)
		fill_tables();
	return TRUE;
}
