//! Suites as JUnit XML, which CI systems read.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::report::{CaseReport, SuiteReport};

/// All suites in one document. A suite whose coverage is too small has a failed case of that name.
pub fn junit(suites: &[SuiteReport]) -> String {
    let mut report = Report::new("wf-host");
    for suite in suites {
        let mut set = TestSuite::new(suite.suite.as_str());
        for case in &suite.cases {
            set.add_test_case(test_case(case, &suite.suite));
        }
        for shortfall in &suite.shortfalls {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(shortfall.to_string());
            let mut case = TestCase::new("coverage", status);
            case.set_classname(suite.suite.as_str());
            set.add_test_case(case);
        }
        report.add_test_suite(set);
    }
    let text = report.to_string();
    // Its texts have no characters that XML cannot hold: the writer leaves those out.
    text.unwrap_or_default()
}

fn test_case(case: &CaseReport, suite: &str) -> TestCase {
    let status = match (&case.broken, case.reason()) {
        (_, None) => TestCaseStatus::success(),
        (broken, Some(reason)) => {
            let kind = match broken {
                Some(_) => NonSuccessKind::Error,
                None => NonSuccessKind::Failure,
            };
            let mut status = TestCaseStatus::non_success(kind);
            let first = case.differences.first();
            status.set_message(first.map_or_else(|| reason.clone(), |d| d.what.clone()));
            status.set_description(format!("{}\n{reason}", case.first_place()));
            status
        }
    };
    let mut test = TestCase::new(case.name.as_str(), status);
    test.set_classname(suite);
    test.set_time(case.duration);
    test
}
