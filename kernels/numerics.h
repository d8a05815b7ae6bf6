/*
 * The constants of the elementary functions, shared by every instruction set: equal bits need the very same
 * operations on the very same numbers. kernels/README.md gives the sequences and where the coefficients come
 * from.
 */
#ifndef MINNOW_NUMERICS_H
#define MINNOW_NUMERICS_H

/* Adding it to a float below 2^22 in size rounds to an integer, which is then in the sum's low bits. */
#define ROUND_TO_INTEGER 0x1.8p23f
/* The same, with 127, the bias of exponents, already added. */
#define ROUND_TO_EXPONENT 0x1.8000fep23f

#define LOG2_E 0x1.715476p+0f
/* ln 2 = LN2_HIGH + LN2_LOW; n · LN2_HIGH + x is exact in one fma for the n at hand. */
#define LN2_HIGH 0x1.62e430p-1f
#define LN2_LOW -0x1.05c610p-29f

/* Below the first e^x rounds to 0, above the second to infinity. */
#define EXP_LOWEST -104.0f
#define EXP_HIGHEST 89.0f
/* Up to this size of x, e^x is x's power of 2 times a factor near 1, both normal numbers. */
#define EXP_ORDINARY 87.0f
/* Below it e^x - 1 rounds to -1. */
#define EXPM1_LOWEST -40.0f

/* e^r = 1 + r + r² · ((E0 + E1 r) + r² · ((E2 + E3 r) + r² · E4)) for |r| ≤ ½ ln 2, within 2^-28. */
#define EXP_E0 0x1.fffffcp-2f
#define EXP_E1 0x1.555492p-3f
#define EXP_E2 0x1.5558b0p-5f
#define EXP_E3 0x1.12398ep-7f
#define EXP_E4 0x1.6a4d60p-10f

/* Leaky relu below 0, PyTorch's default. */
#define LEAKY_SLOPE 0.01f

/* Scaled tanh is 1.7159 tanh(2z/3) (LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998), from
   e^(-4/3 |z|). The two constants in two parts each, as one float would cost half an ulp. */
#define SCALED_TANH_HEIGHT 0x1.b74538p+0f
#define SCALED_TANH_HEIGHT_LOW 0x1.de69aep-25f
#define FOUR_THIRDS 0x1.555556p+0f
#define FOUR_THIRDS_LOW -0x1.555556p-25f
/* 1/1.7159, whose product with the height rounds to just below 1, and 1.7159 · 2/3: for the derivative. */
#define SCALED_TANH_INVERSE_HEIGHT 0x1.2a62bcp-1f
#define SCALED_TANH_STEEPEST 0x1.24d8d0p+0f
/* From this |z| on it rounds to the height. */
#define SCALED_TANH_HIGHEST 30.0f

/* From these |z| on, silu and gelu round to max(z, 0). */
#define SILU_HIGHEST 110.0f
#define GELU_HIGHEST 14.5f

/* Φ(-a) = e^(-a²/2) · R(a) for 0 ≤ a ≤ GELU_HIGHEST, with t = 1/(1 + GELU_STRETCH a) and R(a) = t · (R0 + R1 u +
   … + R9 u⁹), u = t - GELU_CENTER, within 2^-28.4 of the result. */
#define GELU_STRETCH 0x1.3p-2f
#define GELU_CENTER 0x1.33cp-1f
#define GELU_R0 0x1.0713d6p-2f
#define GELU_R1 0x1.9f8826p-2f
#define GELU_R2 0x1.af5b5cp-2f
#define GELU_R3 0x1.e98186p-3f
#define GELU_R4 -0x1.c870f4p-9f
#define GELU_R5 -0x1.78cac0p-4f
#define GELU_R6 -0x1.c11daap-7f
#define GELU_R7 0x1.6733eep-5f
#define GELU_R8 0x1.105a78p-8f
#define GELU_R9 -0x1.527db4p-6f
#define INVERSE_SQRT_2PI 0x1.988454p-2f

/* The bits of 2/3: exponents are cut so that the mantissa lies in [2/3, 4/3). */
#define LOG_LOWEST_MANTISSA 0x3f2aaaab
#define SMALLEST_NORMAL 0x1p-126f

/* ln(1 + r) = r - ½ r² + r³ · (L0 + L1 r + … + L7 r⁷) for |r| ≤ 1/3, within 2^-27.6 of the result. */
#define LOG_L0 0x1.555506p-2f
#define LOG_L1 -0x1.fffefap-3f
#define LOG_L2 0x1.99d050p-3f
#define LOG_L3 -0x1.559c68p-3f
#define LOG_L4 0x1.1ed55ap-3f
#define LOG_L5 -0x1.f33276p-4f
#define LOG_L6 0x1.1e6d18p-3f
#define LOG_L7 -0x1.07c50ep-3f

/* Sums and maxima over a row run in this many parts: element i in part i mod 16. */
enum { SUM_PARTS = 16 };

/* Philox4x32-10: multipliers, and what each round adds to the key (Salmon et al. 2011). */
#define PHILOX_M0 0xd2511f53u
#define PHILOX_M1 0xcd9e8d57u
#define PHILOX_W0 0x9e3779b9u
#define PHILOX_W1 0xbb67ae85u
enum { PHILOX_ROUNDS = 10, DRAW_WORDS = 6, DRAW_LANES = 16, DRAW_GROUP = 4 * DRAW_LANES };

/* The inverse of the error function divided by its argument x, as a polynomial of w - 2.5 where w = -ln(1 - x²) is below
   5, and of √w - 3 beyond; the highest power first (Giles, "Approximating the erfinv function", GPU Computing Gems 2, 2011). */
enum { ERFINV_TERMS = 9 };
static const float erfinv_near[ERFINV_TERMS] __attribute__((unused)) = {
    2.81022636e-08f, 3.43273939e-07f, -3.5233877e-06f, -4.39150654e-06f, 0.00021858087f,
    -0.00125372503f, -0.00417768164f, 0.246640727f,    1.50140941f};
static const float erfinv_far[ERFINV_TERMS] __attribute__((unused)) = {
    -0.000200214257f, 0.000100950558f, 0.00134934322f, -0.00367342844f, 0.00573950773f,
    -0.0076224613f,   0.00943887047f,  1.00167406f,    2.83297682f};

#endif
