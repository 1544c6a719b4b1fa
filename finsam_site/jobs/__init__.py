"""Long work: the job row, the one way to start it, and what runs it (ARCHITECTURE §2, "Jobs").

    from finsam_site.jobs.api import start_job, my_jobs, job_status, request_cancel     # pages
    from finsam_site.jobs.registry import JobFailed, RunningJob, job                    # an app's tasks.py

The database is the record, the broker only a nudge: a job that nobody was told of is found by the sweep.
"""
