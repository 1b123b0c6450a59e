"""x"""
def test_x(larkfield):
    print(larkfield.table("fct_control_status", "period_grain='to_date'")[0])
