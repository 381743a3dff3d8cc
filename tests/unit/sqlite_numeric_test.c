/*
 * Numerics: roots, exponentials, logarithms, powers, whole quotients, and what infinities give.
 * Expected values were taken from PostgreSQL 15.
 */
#include <check.h>
#include <stdlib.h>

#include "tests/unit/sqlite_call_scene.h"

static const struct call_row powers[] = {
	{ "bibd_numeric_sqrt('2')", "1.414213562373095" },
	{ "bibd_numeric_sqrt('0.000001')", "0.0010000000000000000" },
	{ "bibd_numeric_sqrt('123456789.123')", "11111.11106609056" },
	{ "bibd_numeric_sqrt('0')", "0.000000000000000" },
	{ "bibd_numeric_sqrt('-1')", "ERROR 2201F cannot take square root of a negative number" },
	{ "bibd_numeric_sqrt('NaN')", "NaN" },
	{ "bibd_numeric_sqrt('Infinity')", "Infinity" },
	{ "bibd_numeric_sqrt('-Infinity')", "ERROR 2201F cannot take square root of a negative number" },
	{ "bibd_numeric_sqrt('4.0000')", "2.000000000000000" },
	{ "bibd_numeric_sqrt('0.000000000000000000000000000001')", "0.0000000000000010000000000000000" },
	{ "bibd_numeric_sqrt('99999999999999999999')", "10000000000.0000000" },
	{ "bibd_numeric_exp('1')", "2.7182818284590452" },
	{ "bibd_numeric_exp('-1')", "0.3678794411714423" },
	{ "bibd_numeric_exp('10')", "22026.465794806717" },
	{ "bibd_numeric_exp('-10.5')", "0.00002753644934974716" },
	{ "bibd_numeric_exp('0.00000001')", "1.0000000100000001" },
	{ "bibd_numeric_exp('6000')", "ERROR 22003 value overflows numeric format" },
	{ "bibd_numeric_exp('NaN')", "NaN" },
	{ "bibd_numeric_exp('Infinity')", "Infinity" },
	{ "bibd_numeric_exp('-Infinity')", "0" },
	{ "bibd_numeric_exp('32.999')", "214429043492155.053" },
	{ "bibd_numeric_ln('2')", "0.6931471805599453" },
	{ "bibd_numeric_log('2')", "0.3010299956639812" },
	{ "bibd_numeric_ln('1')", "0.0000000000000000" },
	{ "bibd_numeric_log('1')", "0.0000000000000000" },
	{ "bibd_numeric_ln('1.0000000000000001')", "0.00000000000000010000000000000000" },
	{ "bibd_numeric_log('1.0000000000000001')", "0.00000000000000004342944819032518" },
	{ "bibd_numeric_ln('0.9')", "-0.10536051565782630" },
	{ "bibd_numeric_log('0.9')", "-0.04575749056067513" },
	{ "bibd_numeric_ln('1.1')", "0.09531017980432486" },
	{ "bibd_numeric_log('1.1')", "0.04139268515822504" },
	{ "bibd_numeric_ln('0.0000000000000000000001')", "-50.6568720458690050483958" },
	{ "bibd_numeric_log('0.0000000000000000000001')", "-22.0000000000000000000000" },
	{ "bibd_numeric_ln('123456789012345678901234567890')", "66.985688719142977" },
	{ "bibd_numeric_log('123456789012345678901234567890')", "29.091514977212700" },
	{ "bibd_numeric_ln('0')", "ERROR 2201E cannot take logarithm of zero" },
	{ "bibd_numeric_log('0')", "ERROR 2201E cannot take logarithm of zero" },
	{ "bibd_numeric_ln('-1')", "ERROR 2201E cannot take logarithm of a negative number" },
	{ "bibd_numeric_log('-1')", "ERROR 2201E cannot take logarithm of a negative number" },
	{ "bibd_numeric_ln('NaN')", "NaN" },
	{ "bibd_numeric_log('NaN')", "NaN" },
	{ "bibd_numeric_ln('Infinity')", "Infinity" },
	{ "bibd_numeric_log('Infinity')", "Infinity" },
	{ "bibd_numeric_log('2', '8')", "3.0000000000000000" },
	{ "bibd_numeric_log('10', '0.001')", "-3.0000000000000000" },
	{ "bibd_numeric_log('1', '5')", "ERROR 22012 division by zero" },
	{ "bibd_numeric_log('0.5', 'Infinity')", "Infinity" },
	{ "bibd_numeric_log('Infinity', '5')", "0" },
	{ "bibd_numeric_log('0', '-1')", "ERROR 2201E cannot take logarithm of zero" },
	{ "bibd_numeric_log('2.000', '3.7')", "1.8875252707415874" },
	{ "bibd_numeric_log('1.00001', '99999')", "1151297.3029401612" },
	{ "bibd_numeric_power('2', '0.5')", "1.4142135623730950" },
	{ "bibd_numeric_power('2', '10')", "1024.0000000000000000" },
	{ "bibd_numeric_power('0.12', '-20')", "2608405330458882702.5529619561355838" },
	{ "bibd_numeric_power('10', '-20')", "0.0000000000000000" },
	{ "bibd_numeric_power('-3', '3')", "-27.0000000000000000" },
	{ "bibd_numeric_power('-3', '0.5')",
	    "ERROR 2201F a negative number raised to a non-integer power yields a complex result" },
	{ "bibd_numeric_power('0', '-1')", "ERROR 2201F zero raised to a negative power is undefined" },
	{ "bibd_numeric_power('0', '0')", "1.0000000000000000" },
	{ "bibd_numeric_power('0', '2.5')", "0.0000000000000000" },
	{ "bibd_numeric_power('7.1234567', '100')",
	    "18581419074114515388748271854874925004867145285141103791818998158191906530084190088778.9046184851287011" },
	{ "bibd_numeric_power('1.0000000001', '2.5')", "1.0000000002500000" },
	{ "bibd_numeric_power('0.001', '0.5')", "0.03162277660168379" },
	{ "bibd_numeric_power('10', '140000')", "ERROR 22003 value overflows numeric format" },
	{ "bibd_numeric_power('-1.0', '99999999999')", "-1.0000000000000000" },
	{ "bibd_numeric_power('NaN', '0')", "1" },
	{ "bibd_numeric_power('1', 'NaN')", "1" },
	{ "bibd_numeric_power('-Infinity', '3')", "-Infinity" },
	{ "bibd_numeric_power('-Infinity', '-3')", "0" },
	{ "bibd_numeric_power('0.5', 'Infinity')", "0" },
	{ "bibd_numeric_power('-1', 'Infinity')", "1" },
	{ "bibd_numeric_power('123456.789', '0.333')", "49.599178953295638" },
};

static const struct call_row integers[] = {
	{ "bibd_numeric_div('7', '2')", "3" },
	{ "bibd_numeric_modulo('7', '2')", "1" },
	{ "bibd_numeric_divide('7', '2')", "3.5000000000000000" },
	{ "bibd_numeric_add('7', '2')", "9" },
	{ "bibd_numeric_subtract('7', '2')", "5" },
	{ "bibd_numeric_multiply('7', '2')", "14" },
	{ "bibd_numeric_div('-7.5', '2')", "-3" },
	{ "bibd_numeric_modulo('-7.5', '2')", "-1.5" },
	{ "bibd_numeric_divide('-7.5', '2')", "-3.7500000000000000" },
	{ "bibd_numeric_add('-7.5', '2')", "-5.5" },
	{ "bibd_numeric_subtract('-7.5', '2')", "-9.5" },
	{ "bibd_numeric_multiply('-7.5', '2')", "-15.0" },
	{ "bibd_numeric_div('Infinity', '2')", "Infinity" },
	{ "bibd_numeric_modulo('Infinity', '2')", "NaN" },
	{ "bibd_numeric_divide('Infinity', '2')", "Infinity" },
	{ "bibd_numeric_add('Infinity', '2')", "Infinity" },
	{ "bibd_numeric_subtract('Infinity', '2')", "Infinity" },
	{ "bibd_numeric_multiply('Infinity', '2')", "Infinity" },
	{ "bibd_numeric_div('2', 'Infinity')", "0" },
	{ "bibd_numeric_modulo('2', 'Infinity')", "2" },
	{ "bibd_numeric_divide('2', 'Infinity')", "0" },
	{ "bibd_numeric_add('2', 'Infinity')", "Infinity" },
	{ "bibd_numeric_subtract('2', 'Infinity')", "-Infinity" },
	{ "bibd_numeric_multiply('2', 'Infinity')", "Infinity" },
	{ "bibd_numeric_div('1', '0')", "ERROR 22012 division by zero" },
	{ "bibd_numeric_modulo('1', '0')", "ERROR 22012 division by zero" },
	{ "bibd_numeric_divide('1', '0')", "ERROR 22012 division by zero" },
	{ "bibd_numeric_add('1', '0')", "1" },
	{ "bibd_numeric_subtract('1', '0')", "1" },
	{ "bibd_numeric_multiply('1', '0')", "0" },
	{ "bibd_numeric_div('Infinity', '-Infinity')", "NaN" },
	{ "bibd_numeric_modulo('Infinity', '-Infinity')", "NaN" },
	{ "bibd_numeric_divide('Infinity', '-Infinity')", "NaN" },
	{ "bibd_numeric_add('Infinity', '-Infinity')", "NaN" },
	{ "bibd_numeric_subtract('Infinity', '-Infinity')", "Infinity" },
	{ "bibd_numeric_multiply('Infinity', '-Infinity')", "-Infinity" },
	{ "bibd_numeric_div('123456789012345678901234567890', '0.007')", "17636684144620811271604938270000" },
	{ "bibd_numeric_modulo('123456789012345678901234567890', '0.007')", "0.000" },
	{ "bibd_numeric_divide('123456789012345678901234567890', '0.007')", "17636684144620811271604938270000.000" },
	{ "bibd_numeric_add('123456789012345678901234567890', '0.007')", "123456789012345678901234567890.007" },
	{ "bibd_numeric_subtract('123456789012345678901234567890', '0.007')", "123456789012345678901234567889.993" },
	{ "bibd_numeric_multiply('123456789012345678901234567890', '0.007')", "864197523086419752308641975.230" },
	{ "bibd_numeric_div('0.00', '3')", "0" },
	{ "bibd_numeric_modulo('0.00', '3')", "0.00" },
	{ "bibd_numeric_divide('0.00', '3')", "0.00000000000000000000" },
	{ "bibd_numeric_add('0.00', '3')", "3.00" },
	{ "bibd_numeric_subtract('0.00', '3')", "-3.00" },
	{ "bibd_numeric_multiply('0.00', '3')", "0.00" },
	{ "bibd_numeric_gcd('12', '18')", "6" },
	{ "bibd_numeric_lcm('12', '18')", "36" },
	{ "bibd_numeric_gcd('-12.30', '0.9')", "0.30" },
	{ "bibd_numeric_lcm('-12.30', '0.9')", "36.90" },
	{ "bibd_numeric_gcd('0', '0.00')", "0.00" },
	{ "bibd_numeric_lcm('0', '0.00')", "0.00" },
	{ "bibd_numeric_gcd('NaN', '3')", "NaN" },
	{ "bibd_numeric_lcm('NaN', '3')", "NaN" },
	{ "bibd_numeric_gcd('1234567890.123', '0.0000000001234')", "0.0000000000002" },
	{ "bibd_numeric_lcm('1234567890.123', '0.0000000001234')", "761728388205.8910000000000" },
	{ "bibd_factorial(0)", "1" },
	{ "bibd_factorial(5)", "120" },
	{ "bibd_factorial(30)", "265252859812191058636308480000000" },
	{ "bibd_factorial(-1)", "ERROR 22003 factorial of a negative number is undefined" },
	{ "bibd_factorial(32178)", "ERROR 22003 value overflows numeric format" },
	{ "bibd_numeric_scale('8.4100')", "4" },
	{ "bibd_numeric_min_scale('8.4100')", "2" },
	{ "bibd_numeric_trim_scale('8.4100')", "8.41" },
	{ "bibd_numeric_sign('8.4100')", "1" },
	{ "bibd_numeric_scale('NaN')", "NULL" },
	{ "bibd_numeric_min_scale('NaN')", "NULL" },
	{ "bibd_numeric_trim_scale('NaN')", "NaN" },
	{ "bibd_numeric_sign('NaN')", "NaN" },
	{ "bibd_numeric_scale('1200')", "0" },
	{ "bibd_numeric_min_scale('1200')", "0" },
	{ "bibd_numeric_trim_scale('1200')", "1200" },
	{ "bibd_numeric_sign('1200')", "1" },
	{ "bibd_numeric_scale('-0.00')", "2" },
	{ "bibd_numeric_min_scale('-0.00')", "0" },
	{ "bibd_numeric_trim_scale('-0.00')", "0" },
	{ "bibd_numeric_sign('-0.00')", "0" },
};

START_TEST(test_powers)
{
	call_expect(powers, sizeof(powers) / sizeof(powers[0]));
}
END_TEST

START_TEST(test_integers)
{
	call_expect(integers, sizeof(integers) / sizeof(integers[0]));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sqlite numeric");
	TCase *t = tcase_create("sqlite numeric");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, call_scene_open, call_scene_close);
	tcase_add_test(t, test_powers);
	tcase_add_test(t, test_integers);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
