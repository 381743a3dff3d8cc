/*
 * Aggregates: variance, regression, bits and percentiles, of values in their order.
 * Expected values were taken from PostgreSQL 15.
 */
#include <stdlib.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_call_scene.h"

static const struct call_row aggregates[] = {
	{ "(select bibd_percentile_disc(0.5,column1,1700,"
	  "0) from (values ('123456789012345678901234567890'),(null),(null),('0')))",
	    "0" },
	{ "(select bibd_percentile_disc(1,column1,1700,0) from (values ('123456789012345678901234567890'),"
	  "(null),(null),('0')))",
	    "123456789012345678901234567890" },
	{ "(select bibd_numeric_stddev_pop(column1) from (values ('123456789012345678901234567890'),(null),"
	  "(null),('0')))",
	    "61728394506172839450617283945" },
	{ "(select bibd_percentile_disc(0,column1,1700,0) from (values ('Infinity')))", "Infinity" },
	{ "(select bibd_mode(column1,1700,0) from (values ('1.0'),('2'),('1.0'),('1.0')))", "1.0" },
	{ "(select bibd_numeric_stddev_samp(column1) from (values (51),(-1782459681),(1461214682),(-42)))",
	    "1327467674" },
	{ "(select bibd_float_var_pop(column1) from (values (954717044679.1886)))", "0" },
	{ "(select bibd_percentile_disc(1.5,column1,23,1) from (values (96)))",
	    "ERROR 22003 percentile value 1.5 is not between 0 and 1" },
	{ "(select bibd_bit_xor(column1) from (values (51),(-1782459681),(1461214682),(-42)))", "1025929440" },
	{ "(select bibd_numeric_stddev_pop(column1) from (values (51),(-1782459681),(1461214682),(-42)))",
	    "1149620728" },
	{ "(select bibd_mode(column1,1700,0) from (values ('1.0'),('1'),('3.5'),('2'),('3.5'),('2')))", "1.0" },
	{ "(select bibd_percentile_disc(0.5,column1,1700,0) from (values ('-Infinity'),('-99999999999.5'),"
	  "('123456789012345678901234567890'),('0'),('0.00'),('0')))",
	    "0" },
	{ "(select bibd_numeric_stddev_samp(column1) from (values (5),(9223372036854775807),"
	  "(9223372036854775807),(5),(9223372036854775807),((-9223372036854775807-1))))",
	    "7530851732716320751" },
	{ "(select bibd_percentile_cont(0.5,column1,701,0) from (values (2.0),(3.5),(1.0),(2.0)))", "2" },
	{ "(select bibd_numeric_var_samp(column1) from (values (87),(-81),(1247825448),(696923950),(55),(1631193494)))",
	    "514467111021911005" },
	{ "(select bibd_numeric_stddev_pop(column1) from (values (96)))", "0" },
	{ "(select bibd_percentile_disc(0,column1,23,1) from (values (96)))", "96" },
	{ "(select bibd_percentile_disc(1.5,column1,23,1) from (values (87),(-81),(1247825448),(696923950),"
	  "(55),(1631193494)))",
	    "ERROR 22003 percentile value 1.5 is not between 0 and 1" },
	{ "(select bibd_bit_and(column1) from (values (51),(-1782459681),(1461214682),(-42)))", "18" },
	{ "(select bibd_corr(column1,column2) from (values (-2.0,1000000.3325856255),(0.0,1.0),"
	  "(-4.604100456188034e+19,0.0),(-4.834448842767591e+18,-2.276600886374929)))",
	    "0.3797009040152597" },
	{ "(select bibd_percentile_disc(0.8311596939626574,column1,23,1) from (values (96)))", "96" },
	{ "(select bibd_numeric_stddev_samp(column1) from (values (87),(-81),(1247825448),(696923950),(55),"
	  "(1631193494)))",
	    "717263627" },
	{ "(select bibd_percentile_disc(0.25,column1,1700,0) from (values ('Infinity')))", "Infinity" },
	{ "(select bibd_float_var_pop(column1) from (values (1000000.7812180554),(1000000.6139588341),(null),(5.0)))",
	    "222220310043.4269" },
	{ "(select bibd_numeric_var_pop(column1) from (values ('Infinity')))", "NaN" },
	{ "(select bibd_numeric_var_pop(column1) from (values ('-Infinity'),('-99999999999.5'),"
	  "('123456789012345678901234567890'),('0'),('0.00'),('0')))",
	    "NaN" },
	{ "(select bibd_bit_and(column1) from (values (87),(-81),(1247825448),(696923950),(55),(1631193494)))", "0" },
	{ "(select bibd_percentile_cont(0.18282771577868517,column1,701,0) from (values (2.0),(3.5),(1.0),(2.0)))",
	    "1.5484831473360554" },
	{ "(select bibd_percentile_disc(0.5,column1,23,1) from (values (51),(-1782459681),(1461214682),(-42)))", "51" },
	{ "(select bibd_percentile_disc(null,column1,1700,"
	  "0) from (values ('123456789012345678901234567890'),(null),(null),('0')))",
	    "NULL" },
	{ "(select bibd_percentile_disc(0,column1,1700,0) from (values ('-Infinity'),('-99999999999.5'),"
	  "('123456789012345678901234567890'),('0'),('0.00'),('0')))",
	    "-Infinity" },
	{ "(select bibd_percentile_cont(0.8311596939626574,column1,701,0) from (values (2.0)))", "2" },
	{ "(select bibd_percentile_disc(0.45050294290137405,column1,23,1) from (values (87),(-81),"
	  "(1247825448),(696923950),(55),(1631193494)))",
	    "696923950" },
	{ "(select bibd_percentile_disc(1.5,column1,1700,"
	  "0) from (values ('123456789012345678901234567890'),(null),(null),('0')))",
	    "ERROR 22003 percentile value 1.5 is not between 0 and 1" },
	{ "(select bibd_regr_sxy(column1,column2) from (values (1000000.3350043274,3.0)))", "0" },
	{ "(select bibd_percentile_cont(1,column1,701,0) from (values (1.0),(1.0),(2.0),(3.5),(2.0),(1.0)))", "3.5" },
	{ "(select bibd_bit_xor(column1) from (values (96)))", "96" },
	{ "(select bibd_numeric_var_samp(column1) from (values ('-Infinity'),('-99999999999.5'),"
	  "('123456789012345678901234567890'),('0'),('0.00'),('0')))",
	    "NaN" },
	{ "(select bibd_bit_or(column1) from (values (87),(-81),(1247825448),(696923950),(55),(1631193494)))", "-1" },
	{ "(select bibd_percentile_disc(0.25,column1,23,1) from (values (87),(-81),(1247825448),"
	  "(696923950),(55),(1631193494)))",
	    "1247825448" },
	{ "(select bibd_percentile_cont(1,column1,701,0) from (values (2.0),(3.5),(1.0),(2.0)))", "3.5" },
	{ "(select bibd_percentile_cont(0.5,column1,701,0) from (values (1.0),(1.0),(2.0),(3.5),(2.0),(1.0)))", "1.5" },
	{ "(select bibd_numeric_var_pop(column1) from (values (5),(9223372036854775807),"
	  "(9223372036854775807),(5),(9223372036854775807),((-9223372036854775807-1))))",
	    "47261439850130342131293811855559316829" },
	{ "(select bibd_float_stddev_pop(column1) from (values (1.0),(null),(1.0),(1000000.2934353465),"
	  "(1000000.8523998753),(-5.018719425729577e-05)))",
	    "489897.90263752907" },
	{ "(select bibd_mode(column1,25,1) from (values ('c'),('a'),('a'),('c'),('c'),('c')))", "c" },
	{ "(select bibd_numeric_var_samp(column1) from (values ('123456789012345678901234567890'),(null),"
	  "(null),('0')))",
	    "7620789376619418375247675781268099393750952599937509526050" },
	{ "(select bibd_percentile_cont(null,column1,701,0) from (values (2.0),(3.5),(1.0),(2.0)))", "NULL" },
	{ "(select bibd_numeric_var_pop(column1) from (values (87),(-81),(1247825448),(696923950),(55),(1631193494)))",
	    "428722592518259171" },
	{ "(select bibd_percentile_disc(1,column1,1700,0) from (values ('-Infinity'),('-99999999999.5'),"
	  "('123456789012345678901234567890'),('0'),('0.00'),('0')))",
	    "123456789012345678901234567890" },
	{ "(select bibd_float_stddev_pop(column1) from (values (954717044679.1886)))", "0" },
	{ "(select bibd_float_stddev_pop(column1) from (values (1000000.7812180554),(1000000.6139588341),"
	  "(null),(5.0)))",
	    "471402.49261477916" },
	{ "(select bibd_numeric_var_samp(column1) from (values (51),(-1782459681),(1461214682),(-42)))",
	    "1762170425127654075" },
	{ "(select bibd_float_var_pop(column1) from (values (1.0),(null),(1.0),(1000000.2934353465),"
	  "(1000000.8523998753),(-5.018719425729577e-05)))",
	    "239999955008.6499" },
	{ "(select bibd_float_stddev_samp(column1) from (values (1000000.7812180554),(1000000.6139588341),"
	  "(null),(5.0)))",
	    "577347.7851911623" },
	{ "(select bibd_percentile_cont(1.5,column1,701,0) from (values (2.0),(3.5),(1.0),(2.0)))",
	    "ERROR 22003 percentile value 1.5 is not between 0 and 1" },
	{ "(select bibd_percentile_disc(1.5,column1,1700,0) from (values ('-Infinity'),('-99999999999.5'),"
	  "('123456789012345678901234567890'),('0'),('0.00'),('0')))",
	    "ERROR 22003 percentile value 1.5 is not between 0 and 1" },
	{ "(select bibd_numeric_stddev_pop(column1) from (values (87),(-81),(1247825448),(696923950),(55),"
	  "(1631193494)))",
	    "654769114" },
	{ "(select bibd_numeric_var_samp(column1) from (values (96)))", "NULL" },
	{ "(select bibd_regr_intercept(column1,column2) from (values (1000000.3350043274,3.0)))", "NULL" },
	{ "(select bibd_percentile_disc(0.18282771577868517,column1,1700,"
	  "0) from (values ('123456789012345678901234567890'),(null),(null),('0')))",
	    "0" },
	{ "(select bibd_float_stddev_samp(column1) from (values (954717044679.1886)))", "NULL" },
	{ "(select bibd_percentile_disc(1.5,column1,1700,0) from (values ('Infinity')))",
	    "ERROR 22003 percentile value 1.5 is not between 0 and 1" },
	{ "(select bibd_percentile_disc(null,column1,23,1) from (values (96)))", "NULL" },
	{ "(select bibd_mode(column1,1700,0) from (values ('1.0')))", "1.0" },
	{ "(select bibd_percentile_disc(0.25,column1,23,1) from (values (96)))", "96" },
	{ "(select bibd_percentile_cont('{0.1,NULL,0.5,1}',column1,701,0) from (values (2.0),(3.5),(1.0),(2.0)))",
	    "{1.3,NULL,2,3.5}" },
	{ "(select bibd_percentile_disc(null,column1,23,1) from (values (51),(-1782459681),(1461214682),(-42)))",
	    "NULL" },
	{ "(select bibd_percentile_cont('{0.1,NULL,0.5,1}',column1,701,0) from (values (1.0),(1.0),(2.0),(3.5),"
	  "(2.0),(1.0)))",
	    "{1,NULL,1.5,3.5}" },
	{ "(select bibd_covar_samp(column1,column2) from (values (1000000.3350043274,3.0)))", "NULL" },
	{ "(select bibd_numeric_stddev_pop(column1) from (values (5)))", "0" },
	{ "(select bibd_percentile_cont(0.5,column1,701,0) from (values (2.0)))", "2" },
	{ "(select bibd_percentile_disc(1,column1,1700,0) from (values ('Infinity')))", "Infinity" },
	{ "(select bibd_percentile_disc('{0.1,NULL,0.5,1}',column1,1700,0) from (values ('Infinity')))",
	    "{Infinity,NULL,Infinity,Infinity}" },
	{ "(select bibd_numeric_stddev_samp(column1) from (values (5),(9223372036854775807),"
	  "(9223372036854775807),(9223372036854775807)))",
	    "4611686018427387901" },
	{ "(select bibd_percentile_disc(0.5,column1,23,1) from (values (87),(-81),(1247825448),(696923950),"
	  "(55),(1631193494)))",
	    "696923950" },
	{ "(select bibd_corr(column1,column2) from (values (1000000.3350043274,3.0)))", "NULL" },
	{ "(select bibd_mode(column1,25,1) from (values ('c')))", "c" },
	{ "(select bibd_numeric_var_pop(column1) from (values (96)))", "0" },
	{ "(select bibd_bit_and(column1) from (values (96)))", "96" },
	{ "(select bibd_percentile_disc(0.18282771577868517,column1,23,1) from (values (51),(-1782459681),"
	  "(1461214682),(-42)))",
	    "1461214682" },
	{ "(select bibd_percentile_disc(1,column1,23,1) from (values (87),(-81),(1247825448),(696923950),"
	  "(55),(1631193494)))",
	    "-81" },
	{ "(select bibd_percentile_disc(0.25,column1,1700,"
	  "0) from (values ('123456789012345678901234567890'),(null),(null),('0')))",
	    "0" },
	{ "(select bibd_percentile_disc(null,column1,1700,0) from (values ('Infinity')))", "NULL" },
	{ "(select bibd_percentile_cont(0,column1,701,0) from (values (1.0),(1.0),(2.0),(3.5),(2.0),(1.0)))", "1" },
	{ "(select bibd_percentile_disc(1,column1,23,1) from (values (96)))", "96" },
	{ "(select bibd_percentile_disc(0.5,column1,1700,0) from (values ('Infinity')))", "Infinity" },
	{ "(select bibd_float_var_samp(column1) from (values (954717044679.1886)))", "NULL" },
	{ "(select bibd_float_var_samp(column1) from (values (1000000.7812180554),(1000000.6139588341),(null),(5.0)))",
	    "333330465065.1404" },
	{ "(select bibd_numeric_var_pop(column1) from (values (51),(-1782459681),(1461214682),(-42)))",
	    "1321627818845740556" },
	{ "(select bibd_percentile_cont(0.45050294290137405,column1,701,0) from (values (1.0),(1.0),(2.0),"
	  "(3.5),(2.0),(1.0)))",
	    "1.2525147145068702" },
	{ "(select bibd_percentile_disc(0,column1,23,1) from (values (87),(-81),(1247825448),(696923950),"
	  "(55),(1631193494)))",
	    "1631193494" },
	{ "(select bibd_regr_r2(column1,column2) from (values (1000000.3350043274,3.0)))", "NULL" },
	{ "(select bibd_percentile_disc(0,column1,23,1) from (values (51),(-1782459681),(1461214682),(-42)))",
	    "1461214682" },
	{ "(select bibd_numeric_var_pop(column1) from (values (5),(9223372036854775807),"
	  "(9223372036854775807),(9223372036854775807)))",
	    "15950735949418990454093097640440889351" },
	{ "(select bibd_percentile_cont('{0.1,NULL,0.5,1}',column1,701,0) from (values (2.0)))", "{2,NULL,2,2}" },
	{ "(select bibd_percentile_cont(1.5,column1,701,0) from (values (2.0)))",
	    "ERROR 22003 percentile value 1.5 is not between 0 and 1" },
	{ "(select bibd_numeric_stddev_samp(column1) from (values ('123456789012345678901234567890'),"
	  "(null),(null),('0')))",
	    "87297132694146480627842041897" },
	{ "(select bibd_percentile_cont(0.25,column1,701,0) from (values (2.0),(3.5),(1.0),(2.0)))", "1.75" },
	{ "(select bibd_numeric_stddev_pop(column1) from (values (5),(9223372036854775807),"
	  "(9223372036854775807),(5),(9223372036854775807),((-9223372036854775807-1))))",
	    "6874695618725991430" },
	{ "(select bibd_float_var_samp(column1) from (values (1.0),(null),(1.0),(1000000.2934353465),"
	  "(1000000.8523998753),(-5.018719425729577e-05)))",
	    "299999943760.8124" },
	{ "(select bibd_regr_avgy(column1,column2) from (values (1000000.3350043274,3.0)))", "1000000.3350043274" },
	{ "(select bibd_bit_or(column1) from (values (96)))", "96" },
	{ "(select bibd_numeric_var_samp(column1) from (values (5)))", "NULL" },
	{ "(select bibd_percentile_disc(null,column1,23,1) from (values (87),(-81),(1247825448),"
	  "(696923950),(55),(1631193494)))",
	    "NULL" },
	{ "(select bibd_numeric_var_pop(column1) from (values (5)))", "0" },
	{ "(select bibd_mode(column1,25,1) from (values ('c'),('a'),('a'),('c')))", "c" },
	{ "(select bibd_bit_xor(column1) from (values (87),(-81),(1247825448),(696923950),(55),(1631193494)))",
	    "-47214753" },
	{ "(select bibd_percentile_disc(0,column1,1700,0) from (values ('123456789012345678901234567890'),"
	  "(null),(null),('0')))",
	    "0" },
	{ "(select bibd_numeric_stddev_samp(column1) from (values (96)))", "NULL" },
	{ "(select bibd_numeric_stddev_pop(column1) from (values ('Infinity')))", "NaN" },
	{ "(select bibd_numeric_var_samp(column1) from (values (5),(9223372036854775807),"
	  "(9223372036854775807),(5),(9223372036854775807),((-9223372036854775807-1))))",
	    "56713727820156410557552574226671180195" },
	{ "(select bibd_float_stddev_samp(column1) from (values (1.0),(null),(1.0),(1000000.2934353465),"
	  "(1000000.8523998753),(-5.018719425729577e-05)))",
	    "547722.5061660443" },
	{ "(select bibd_percentile_disc(null,column1,1700,0) from (values ('-Infinity'),('-99999999999.5'),"
	  "('123456789012345678901234567890'),('0'),('0.00'),('0')))",
	    "NULL" },
	{ "(select bibd_percentile_cont(0.25,column1,701,0) from (values (2.0)))", "2" },
	{ "(select bibd_numeric_var_samp(column1) from (values ('Infinity')))", "NULL" },
	{ "(select bibd_percentile_disc(0.25,column1,23,1) from (values (51),(-1782459681),(1461214682),(-42)))",
	    "1461214682" },
	{ "(select bibd_numeric_stddev_samp(column1) from (values ('Infinity')))", "NULL" },
	{ "(select bibd_percentile_cont(0,column1,701,0) from (values (2.0),(3.5),(1.0),(2.0)))", "1" },
	{ "(select bibd_percentile_cont(null,column1,701,0) from (values (2.0)))", "NULL" },
	{ "(select bibd_percentile_cont(null,column1,701,0) from (values (1.0),(1.0),(2.0),(3.5),(2.0),(1.0)))",
	    "NULL" },
};

START_TEST(test_aggregates)
{
	call_expect(aggregates, sizeof(aggregates) / sizeof(aggregates[0]));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("sqlite aggregates");

	tcase_add_checked_fixture(t, call_scene_open, call_scene_close);
	tcase_add_test(t, test_aggregates);
	return unit_run("sqlite aggregates", t, NULL);
}
