/*
 * jsonb: paths, containment, and documents that are changed or put together.
 * Expected values were taken from PostgreSQL 15.
 */
#include <stdlib.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_call_scene.h"

static const struct call_row documents[] = {
	{ "bibd_jsonb_concatenate('{\"a\": 1, \"b\": 2}', '{\"b\": 3, \"c\": 4}')", "{\"a\": 1, \"b\": 3, \"c\": 4}" },
	{ "bibd_jsonb_concatenate('{\"a\": 1}', '{\"a\": null}')", "{\"a\": null}" },
	{ "bibd_jsonb_concatenate('{\"bb\": 1}', '{\"c\": 2}')", "{\"c\": 2, \"bb\": 1}" },
	{ "bibd_jsonb_exists('1.5', 'b')", "0" },
	{ "bibd_jsonb_delete_path('{}', '{}')", "{}" },
	{ "bibd_jsonb_extract_path('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], "
	  "\"é\": true}', '{}')",
	    "{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"é\": true}" },
	{ "bibd_jsonb_extract_path('{}', '{1}')", "NULL" },
	{ "bibd_jsonb_delete_index('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], "
	  "\"é\": true}', 0)",
	    "ERROR 22023 cannot delete from object using integer index" },
	{ "bibd_jsonb_exists_any('[]', '{5}')", "0" },
	{ "bibd_json_strip_nulls('{}')", "{}" },
	{ "bibd_jsonb_delete('1.5', 'q\"e')", "ERROR 22023 cannot delete from scalar" },
	{ "bibd_jsonb_contained('{}', '[true, {}]')", "0" },
	{ "bibd_jsonb_extract_path_text('\"x y\"', '{c}')", "NULL" },
	{ "bibd_jsonb_typeof('\"a\"')", "string" },
	{ "bibd_jsonb_delete_all('[true, {}]', '{x}')", "[true, {}]" },
	{ "bibd_jsonb_contains('\"x y\"', '[true, {}]')", "0" },
	{ "bibd_jsonb_set('{}', '{\"\"}', '{}')", "{\"\": {}}" },
	{ "bibd_jsonb_insert('[[], \"\\n\"]', '{}', '[true, {}]', 0)", "[[], \"\\n\"]" },
	{ "bibd_jsonb_exists_all('{}', '{-9}')", "0" },
	{ "bibd_json_strip_nulls('\"q\\\"e\"')", "\"q\\\"e\"" },
	{ "bibd_jsonb_strip_nulls('[[], \"\\n\"]')", "[[], \"\\n\"]" },
	{ "bibd_jsonb_exists('[true, {}]', 'a')", "0" },
	{ "bibd_jsonb_delete_index('[true, {}]', -3)", "[true, {}]" },
	{ "bibd_jsonb_exists_all('1.5', '{NULL,1.5}')", "0" },
	{ "bibd_jsonb_contained('1.5', '{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": "
	  "null}], \"é\": true}')",
	    "0" },
	{ "bibd_jsonb_set('\"x y\"', '{-9,c,0}', '\"q\\\"e\"')", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_exists_all('\"a\"', '{b,a}')", "0" },
	{ "bibd_jsonb_delete('[[], \"\\n\"]', 'é')", "[[], \"\\n\"]" },
	{ "bibd_jsonb_pretty('\"q\\\"e\"')", "\"q\\\"e\"" },
	{ "bibd_jsonb_exists('\"q\\\"e\"', '1')", "0" },
	{ "bibd_json_strip_nulls('[]')", "[]" },
	{ "bibd_jsonb_contains('[true, {}]', '{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key "
	  "\\\"q\\\"\": null}], \"é\": true}')",
	    "0" },
	{ "bibd_jsonb_insert('{}', '{-2,5}', '{}')", "{}" },
	{ "bibd_jsonb_exists_any('1.5', '{x,\"\"}')", "0" },
	{ "bibd_jsonb_delete('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"é\": "
	  "true}', 'b')",
	    "{\"é\": true}" },
	{ "bibd_jsonb_exists_any('\"q\\\"e\"', '{bb,é,-2}')", "0" },
	{ "bibd_jsonb_typeof('{}')", "object" },
	{ "bibd_jsonb_insert('[true, {}]', '{}', '\"q\\\"e\"', 1)", "[true, {}]" },
	{ "bibd_jsonb_typeof('{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, \"a\": false, \"bb\": "
	  "[null, true, 1]}}')",
	    "object" },
	{ "bibd_jsonb_delete_path('\"q\\\"e\"', '{\"\",é,0}')", "ERROR 22023 cannot delete path in scalar" },
	{ "bibd_jsonb_delete_index('{}', -3)", "ERROR 22023 cannot delete from object using integer index" },
	{ "bibd_jsonb_insert('[]', '{x,-2,5}', '{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key "
	  "\\\"q\\\"\": null}], \"é\": true}', 1)",
	    "ERROR 22P02 path element at position 1 is not an integer: \"x\"" },
	{ "bibd_jsonb_insert('\"a\"', '{1.5,x,0}', '[[], \"\\n\"]', 1)", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_exists_any('\"q\\\"e\"', '{}')", "0" },
	{ "bibd_jsonb_pretty('[true, {}]')", "[\n    true,\n    {\n    }\n]" },
	{ "bibd_jsonb_typeof('\"q\\\"e\"')", "string" },
	{ "bibd_jsonb_delete_path('[true, {}]', '{1,c,x}')", "[true, {}]" },
	{ "bibd_jsonb_extract_path('{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, \"a\": false, "
	  "\"bb\": [null, true, 1]}}', '{-2}')",
	    "NULL" },
	{ "bibd_jsonb_exists_all('[[], \"\\n\"]', '{}')", "1" },
	{ "bibd_jsonb_contained('\"x y\"', '[[], \"\\n\"]')", "0" },
	{ "bibd_jsonb_exists_any('\"x y\"', '{}')", "0" },
	{ "bibd_jsonb_typeof('\"x y\"')", "string" },
	{ "bibd_jsonb_set('\"a\"', '{5}', '1.5', 0)", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_concatenate('1.5', '\"q\\\"e\"')", "[1.5, \"q\\\"e\"]" },
	{ "bibd_jsonb_contains('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], "
	  "\"é\": true}', '\"x y\"')",
	    "0" },
	{ "bibd_jsonb_insert('1.5', '{é,-9}', '\"a\"')", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_insert('[[], \"\\n\"]', '{-2,a}', '{}')",
	    "ERROR 22P02 path element at position 2 is not an integer: \"a\"" },
	{ "bibd_jsonb_extract_path_text('1.5', '{-1,a}')", "NULL" },
	{ "bibd_jsonb_pretty('{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, \"a\": false, \"bb\": "
	  "[null, true, 1]}}')",
	    "{\n    \"a\": {\n        \"a\": [\n        ]\n    },\n    \"c\": [\n    ],\n    \"bb\": {\n   "
	    "     \"\": true,\n        \"a\": false,\n        \"bb\": [\n            null,\n            "
	    "true,\n            1\n        ]\n    }\n}" },
	{ "bibd_jsonb_extract_path('1.5', '{x}')", "NULL" },
	{ "bibd_jsonb_exists_all('{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, \"a\": false, "
	  "\"bb\": [null, true, 1]}}', '{bb,0,-2}')",
	    "0" },
	{ "bibd_jsonb_exists_all('\"a\"', '{0,-9}')", "0" },
	{ "bibd_jsonb_exists_any('\"x y\"', '{é,-1}')", "0" },
	{ "bibd_jsonb_exists_any('{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, \"a\": false, "
	  "\"bb\": [null, true, 1]}}', '{\"key \\\"q\\\"\",é}')",
	    "0" },
	{ "bibd_jsonb_delete_all('{}', '{}')", "{}" },
	{ "bibd_jsonb_extract_path('\"a\"', '{x,1.5}')", "NULL" },
	{ "bibd_jsonb_exists_all('1.5', '{a,\"\",5}')", "0" },
	{ "bibd_jsonb_extract_path('[[], \"\\n\"]', '{}')", "[[], \"\\n\"]" },
	{ "bibd_jsonb_delete_all('\"a\"', '{1.5,-9}')", "ERROR 22023 cannot delete from scalar" },
	{ "bibd_jsonb_insert('\"x y\"', '{-2,-1}', '[]', 0)", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_delete('1.5', 'bb')", "ERROR 22023 cannot delete from scalar" },
	{ "bibd_jsonb_strip_nulls('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], "
	  "\"é\": true}')",
	    "{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\"}], \"é\": true}" },
	{ "bibd_jsonb_exists_any('[[], \"\\n\"]', '{b,x}')", "0" },
	{ "bibd_jsonb_delete_all('[true, {}]', '{-2,é}')", "[true, {}]" },
	{ "bibd_jsonb_exists('{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, \"a\": false, \"bb\": "
	  "[null, true, 1]}}', 'a')",
	    "1" },
	{ "bibd_jsonb_exists_all('\"a\"', '{}')", "1" },
	{ "bibd_jsonb_insert('1.5', '{b}', '[]')", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_extract_path('\"q\\\"e\"', '{b,-1}')", "NULL" },
	{ "bibd_jsonb_insert('[[], \"\\n\"]', '{c,0,a}', '\"a\"', 1)",
	    "ERROR 22P02 path element at position 1 is not an integer: \"c\"" },
	{ "bibd_jsonb_contained('\"q\\\"e\"', '1.5')", "0" },
	{ "bibd_jsonb_pretty('[[], \"\\n\"]')", "[\n    [\n    ],\n    \"\\n\"\n]" },
	{ "bibd_jsonb_pretty('[]')", "[\n]" },
	{ "bibd_jsonb_extract_path_text('\"x y\"', '{é}')", "NULL" },
	{ "bibd_jsonb_extract_path('[]', '{1.5,x}')", "NULL" },
	{ "bibd_jsonb_insert('\"a\"', '{a}', '[[], \"\\n\"]', 1)", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_json_strip_nulls('1.5')", "1.5" },
	{ "bibd_jsonb_exists_any('\"x y\"', '{a,-1}')", "0" },
	{ "bibd_jsonb_insert('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"é\": "
	  "true}', '{-1}', '[]')",
	    "{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"-1\": [], \"é\": true}" },
	{ "bibd_jsonb_exists('[true, {}]', 'bb')", "0" },
	{ "bibd_jsonb_extract_path('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], "
	  "\"é\": true}', '{x,0,1.5}')",
	    "NULL" },
	{ "bibd_jsonb_typeof('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"é\": true}')",
	    "object" },
	{ "bibd_jsonb_delete_path('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], "
	  "\"é\": true}', '{\"key \\\"q\\\"\",\"key \\\"q\\\"\",x}')",
	    "{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"é\": true}" },
	{ "bibd_jsonb_extract_path('[true, {}]', '{-1}')", "{}" },
	{ "bibd_jsonb_delete_index('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], "
	  "\"é\": true}', -3)",
	    "ERROR 22023 cannot delete from object using integer index" },
	{ "bibd_jsonb_contained('[]', '1.5')", "0" },
	{ "bibd_jsonb_delete('\"a\"', 'a')", "ERROR 22023 cannot delete from scalar" },
	{ "bibd_jsonb_delete('[true, {}]', '1')", "[true, {}]" },
	{ "bibd_jsonb_strip_nulls('{}')", "{}" },
	{ "bibd_jsonb_contains('[]', '{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": "
	  "null}], \"é\": true}')",
	    "0" },
	{ "bibd_jsonb_extract_path('{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, \"a\": false, "
	  "\"bb\": [null, true, 1]}}', '{NULL}')",
	    "NULL" },
	{ "bibd_jsonb_delete_all('\"q\\\"e\"', '{0,-1,\"\"}')", "ERROR 22023 cannot delete from scalar" },
	{ "bibd_jsonb_set('1.5', '{}', '{}')", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_set('1.5', '{}', '\"q\\\"e\"')", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_contained('\"q\\\"e\"', '[[], \"\\n\"]')", "0" },
	{ "bibd_jsonb_extract_path('1.5', '{x,a}')", "NULL" },
	{ "bibd_jsonb_delete('\"x y\"', '')", "ERROR 22023 cannot delete from scalar" },
	{ "bibd_jsonb_insert('\"x y\"', '{-9}', '{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, "
	  "\"a\": false, \"bb\": [null, true, 1]}}')",
	    "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_contains('\"a\"', '{}')", "0" },
	{ "bibd_jsonb_exists_all('{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, \"a\": false, "
	  "\"bb\": [null, true, 1]}}', '{}')",
	    "1" },
	{ "bibd_jsonb_set('\"x y\"', '{b,0}', '{}', 1)", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_delete('[[], \"\\n\"]', '')", "[[], \"\\n\"]" },
	{ "bibd_jsonb_exists('\"x y\"', '')", "0" },
	{ "bibd_jsonb_pretty('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"é\": true}')",
	    "{\n    \"b\": [\n        {\n            \"1\": 1.50,\n            \"bb\": \"q\\\"e\",\n       "
	    "     \"key \\\"q\\\"\": null\n        }\n    ],\n    \"é\": true\n}" },
	{ "bibd_jsonb_concatenate('{}', '{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": "
	  "null}], \"é\": true}')",
	    "{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"é\": true}" },
	{ "bibd_jsonb_insert('[]', '{1.5}', '{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": "
	  "null}], \"é\": true}')",
	    "ERROR 22P02 path element at position 1 is not an integer: \"1.5\"" },
	{ "bibd_jsonb_delete_path('\"x y\"', '{c,1,1.5}')", "ERROR 22023 cannot delete path in scalar" },
	{ "bibd_jsonb_typeof('[true, {}]')", "array" },
	{ "bibd_jsonb_delete_index('1.5', -1)", "ERROR 22023 cannot delete from scalar" },
	{ "bibd_jsonb_delete_path('[[], \"\\n\"]', '{\"\"}')",
	    "ERROR 22P02 path element at position 1 is not an integer: \"\"" },
	{ "bibd_jsonb_delete_path('[]', '{NULL,-9}')", "[]" },
	{ "bibd_jsonb_delete('{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, \"a\": false, \"bb\": "
	  "[null, true, 1]}}', 'a')",
	    "{\"c\": [], \"bb\": {\"\": true, \"a\": false, \"bb\": [null, true, 1]}}" },
	{ "bibd_jsonb_delete_path('[[], \"\\n\"]', '{-2}')", "[\"\\n\"]" },
	{ "bibd_jsonb_delete_path('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], "
	  "\"é\": true}', '{}')",
	    "{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"é\": true}" },
	{ "bibd_json_strip_nulls('\"a\"')", "\"a\"" },
	{ "bibd_jsonb_exists_any('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], "
	  "\"é\": true}', '{bb,b}')",
	    "1" },
	{ "bibd_jsonb_exists_any('[]', '{0,1.5}')", "0" },
	{ "bibd_jsonb_delete_all('\"a\"', '{1}')", "ERROR 22023 cannot delete from scalar" },
	{ "bibd_jsonb_delete_index('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], "
	  "\"é\": true}', -4)",
	    "ERROR 22023 cannot delete from object using integer index" },
	{ "bibd_jsonb_extract_path_text('[true, {}]', '{}')", "[true, {}]" },
	{ "bibd_jsonb_delete_all('\"a\"', '{é,é,c}')", "ERROR 22023 cannot delete from scalar" },
	{ "bibd_jsonb_delete('[]', 'q\"e')", "[]" },
	{ "bibd_jsonb_insert('[true, {}]', '{0,\"key \\\"q\\\"\"}', '\"q\\\"e\"')", "[true, {}]" },
	{ "bibd_jsonb_strip_nulls('[]')", "[]" },
	{ "bibd_jsonb_set('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"é\": "
	  "true}', '{c,b}', '[]', 1)",
	    "{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"é\": true}" },
	{ "bibd_jsonb_extract_path('{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, \"a\": false, "
	  "\"bb\": [null, true, 1]}}', '{0}')",
	    "NULL" },
	{ "bibd_jsonb_extract_path('[]', '{-1}')", "NULL" },
	{ "bibd_jsonb_set('\"a\"', '{-1}', '\"q\\\"e\"')", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_set('{}', '{-2}', '[]', 1)", "{\"-2\": []}" },
	{ "bibd_jsonb_typeof('1.5')", "number" },
	{ "bibd_jsonb_delete_index('[true, {}]', -1)", "[true]" },
	{ "bibd_jsonb_concatenate('{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], "
	  "\"é\": true}', '1.5')",
	    "[{\"b\": [{\"1\": 1.50, \"bb\": \"q\\\"e\", \"key \\\"q\\\"\": null}], \"é\": true}, 1.5]" },
	{ "bibd_jsonb_concatenate('\"a\"', '[true, {}]')", "[\"a\", true, {}]" },
	{ "bibd_jsonb_extract_path_text('{\"a\": {\"a\": []}, \"c\": [], \"bb\": {\"\": true, \"a\": "
	  "false, \"bb\": [null, true, 1]}}', '{5,\"\",é}')",
	    "NULL" },
	{ "bibd_jsonb_delete_index('1.5', -2)", "ERROR 22023 cannot delete from scalar" },
	{ "bibd_jsonb_set('\"x y\"', '{c,1}', '\"q\\\"e\"', 0)", "ERROR 22023 cannot set path in scalar" },
	{ "bibd_jsonb_exists('\"x y\"', '1')", "0" },
	{ "bibd_jsonb_delete_index('{}', -2)", "ERROR 22023 cannot delete from object using integer index" },
};

START_TEST(test_documents)
{
	call_expect(documents, sizeof(documents) / sizeof(documents[0]));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("sqlite jsonb");

	tcase_add_checked_fixture(t, call_scene_open, call_scene_close);
	tcase_add_test(t, test_documents);
	return unit_run("sqlite jsonb", t, NULL);
}
